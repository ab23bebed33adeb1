import type { Client } from '../test/support/client.ts';
import { repeat, type Samples } from './measure.ts';
import type { People } from './people.ts';

/** One round of a chat: send → MESSAGE_SENT, and send → RECEIVE at each recipient. */
export interface ChatSamples {
  sent: Samples;
  received: Samples;
}

/** A chat that can be measured again and again. */
export interface Chat {
  run(milliseconds: number): Promise<ChatSamples>;
}

interface Sender {
  client: Client;
  recipients: readonly Client[];
  request: object;
}

let messages = 0;

/**
 * Sends one message, and waits until everybody has it.
 * @returns how long its sender waited for the reply; how long each recipient waited goes to `received`
 */
async function send({ client, recipients, request }: Sender, content: string, received: number[]) {
  const mark = `${content} (${++messages})`;
  const at = performance.now();
  const since = () => performance.now() - at;
  const arrivals = recipients.map(async (recipient) => {
    await recipient.nextText('the message', (text) => text.includes(mark));
    received.push(since());
  });
  const reply = client.request({ ...request, content: mark }).then(({ status }) => {
    if (status !== 'send_success') throw new Error(`A message was not sent: ${status}`);
    return since();
  });
  const [took] = await Promise.all([reply, ...arrivals]);
  return took;
}

const chat = (senders: readonly Sender[], content: string): Chat => ({
  async run(milliseconds) {
    const received: number[] = [];
    const sent = await repeat(
      senders.map((sender) => () => send(sender, content, received)),
      milliseconds,
    );
    return { sent, received: { times: received, milliseconds: sent.milliseconds } };
  },
});

/** Pairs of users, all at once; one of each pair writes. */
export async function privateChats(people: People, pairs: number, content: string): Promise<Chat> {
  const users = await people.users(2 * pairs);
  const recipients = users.slice(pairs);
  const senders = users.slice(0, pairs).flatMap((client, index) => {
    const recipient = recipients[index];
    if (recipient === undefined) return [];
    return { client, recipients: [recipient], request: { type: 'SEND_MESSAGE', recipient: recipient.name } };
  });
  return chat(senders, content);
}

/** A group, all of it online; some of its members write. */
export async function groupChat(
  people: People,
  size: number,
  writers: number,
  content: string,
): Promise<Chat> {
  const creator = await people.user();
  const members = [creator, ...(await people.users(size - 1))];
  const groupname = await people.group(creator, members.slice(1));
  const senders = members.slice(0, writers).map((client) => ({
    client,
    recipients: members.filter((member) => member !== client),
    request: { type: 'SEND_GROUP_MESSAGE', groupname },
  }));
  return chat(senders, content);
}
