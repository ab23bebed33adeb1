import { expect, test } from 'vitest';
import { type Client, given } from '../support/given.ts';
import { loginWithPending } from '../support/pending.ts';

// More chats than one update of the inbox may settle, and more messages than fit into a few frames.
const SENDERS = 60;
const EACH = 12;
// So many at a time, so that a slow machine answers each in time.
const AT_ONCE = 10;

/** Numbered contents, sent one after the other so that their order is the sender's. */
async function sendAll(sender: Client, recipient: string): Promise<void> {
  for (let index = 1; index <= EACH; index++) {
    const reply = await sender.request({
      type: 'SEND_MESSAGE',
      recipient,
      content: `${sender.name} ${index}`,
    });
    expect(reply.seq).toBe(index);
  }
}

test('720 pending messages of 60 chats come at one login, each once, in order, in frames of at most 32 KB', async () => {
  const name = await given.someoneAway();
  const senders = await given.users(SENDERS);
  for (let at = 0; at < SENDERS; at += AT_ONCE)
    await Promise.all(senders.slice(at, at + AT_ONCE).map((sender) => sendAll(sender, name)));

  const user = await given.aStranger();
  const messages = await loginWithPending(user, name);
  expect(messages).toHaveLength(SENDERS * EACH);
  for (const sender of senders) {
    const theirs = messages.filter((message) => message.sender === sender.name);
    const inOrder = Array.from({ length: EACH }, (_, index) => `${sender.name} ${index + 1}`);
    expect(theirs.map(({ content }) => content)).toEqual(inOrder);
  }
  expect(user.largest).toBeLessThanOrEqual(32 * 1024);

  // A login settles what it has handed over; where the logout is faster, that comes again, and nothing else.
  const ids = messages.map(({ message_id }) => message_id);
  for (let again = messages; again.length > 0; ) {
    await user.request({ type: 'logout' });
    again = await loginWithPending(user, name);
    expect(ids).toEqual(expect.arrayContaining(again.map(({ message_id }) => message_id)));
  }
});
