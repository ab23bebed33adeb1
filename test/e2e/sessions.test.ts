import { describe, expect, test, vi } from 'vitest';
import { messageOf } from '../support/frame.ts';
import { type Client, given, unique } from '../support/given.ts';
import { loginWithPending } from '../support/pending.ts';

const say = (user: Client, recipient: string, content: string) =>
  user.request({ type: 'SEND_MESSAGE', recipient, content });
const login = (user: Client, username: string) => user.request({ type: 'login', username });
const pendingOf = async (user: Client, username: string) =>
  (await login(user, username)).pending_messages?.map(({ content }) => content);
/** A login acknowledges what it handed over after its reply: another one that is faster gets it as well. */
const untilSettled = (user: Client, username: string) =>
  vi.waitFor(async () => expect(await pendingOf(user, username)).toEqual([]), 60_000);

describe('messages that arrived while a user was away', () => {
  test('come at the next login, once, in order', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    for (const content of ['one', 'two', 'three']) await say(ann, bob, content);
    const [phone, laptop] = [await given.aStranger(), await given.aStranger()];
    expect(await pendingOf(phone, bob)).toEqual(['one', 'two', 'three']);
    await untilSettled(laptop, bob);
    expect(await pendingOf(phone, bob)).toEqual([]);
    await phone.request({ type: 'logout' });
    expect(await pendingOf(phone, bob)).toEqual([]);
  });

  test('have the fields of their push', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    await say(ann, bob, 'x');
    const phone = await given.aStranger();
    const { pending_messages } = await login(phone, bob);
    await say(ann, bob, 'y');
    const { message_id, seq, content, timestamp, ...push } = messageOf(
      await phone.next({ type: 'RECEIVE_MESSAGE' }),
    );
    expect(pending_messages).toEqual([
      expect.objectContaining({ ...push, seq: 1, content: 'x', message_id: expect.any(String) }),
    ]);
    expect(Object.keys(pending_messages?.[0] ?? {})).not.toContain('client_message_id');
  });

  test('come from all chats, each in order', async () => {
    const [ann, eve, bob] = await given.users(3);
    const group = await given.aGroup(ann, bob);
    await bob.request({ type: 'logout' });
    for (const index of [1, 2]) {
      await say(ann, bob.name, `ann ${index}`);
      await say(eve, bob.name, `eve ${index}`);
      await ann.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: `all ${index}` });
    }
    const { pending_messages = [], groups } = await login(bob, bob.name);
    expect(groups).toEqual([group]);
    expect(pending_messages).toHaveLength(6);
    for (const who of ['ann', 'eve', 'all']) {
      const theirs = pending_messages.map(({ content }) => content).filter((each) => each.startsWith(who));
      expect(theirs).toEqual([`${who} 1`, `${who} 2`]);
    }
  });

  test('do not include messages that were pushed, or read before', async () => {
    const [ann, bob] = await given.users(2);
    await say(ann, bob.name, 'live');
    await bob.next({ type: 'RECEIVE_MESSAGE' });
    await bob.close();
    // The service learns of a close a moment later; a message in between is for whoever logs in next.
    const phone = await given.aStranger();
    expect(await pendingOf(phone, bob.name)).toEqual([]);
  });

  test("do not include the user's own messages", async () => {
    const [ann, bob] = await given.users(2);
    await say(ann, bob.name, 'mine');
    await bob.next({ type: 'RECEIVE_MESSAGE' });
    await ann.request({ type: 'logout' });
    await say(bob, ann.name, 'yours');
    expect(await pendingOf(ann, ann.name)).toEqual(['yours']);
  });

  test('come in frames of at most 32 KB when there are many', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    const contents = Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(12_000, 'x'));
    for (const content of contents) await say(ann, bob, content);
    const phone = await given.aStranger();
    const messages = await loginWithPending(phone, bob);
    expect(messages.map(({ content }) => content)).toEqual(contents);
    expect(phone.largest).toBeLessThanOrEqual(32 * 1024);
    await untilSettled(await given.aStranger(), bob);
    await phone.request({ type: 'logout' });
    expect(await pendingOf(phone, bob)).toEqual([]);
  });

  test('reach two concurrent logins together completely, and nothing stays pending', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    for (const content of ['one', 'two', 'three']) await say(ann, bob, content);
    const devices = [await given.aStranger(), await given.aStranger()];
    const both = await Promise.all(devices.map((device) => pendingOf(device, bob)));
    expect(new Set(both.flat())).toEqual(new Set(['one', 'two', 'three']));
    await untilSettled(await given.aStranger(), bob);
  });

  test('are not lost when they arrive during a login', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    const phone = await given.aStranger();
    const sends = Array.from({ length: 20 }, (_, index) => say(ann, bob, `${index}`));
    const reply = await login(phone, bob);
    await Promise.all(sends);
    const live = (await phone.arrived()).map((frame) => JSON.parse(frame));
    const seen = new Set([...(reply.pending_messages ?? []), ...live].map(({ seq }) => seq));
    expect(seen.size).toBe(20);
  });
});

describe('a session', () => {
  test('continues when the same user logs in again, and pushes still come once', async () => {
    const [ann, bob] = await given.users(2);
    expect(await login(bob, bob.name)).toHaveProperty('status', 'login_success');
    await say(ann, bob.name, 'x');
    expect(await bob.arrived()).toHaveLength(1);
  });

  test('refuses the login of another user as already_logged_in, and changes nothing', async () => {
    const [ann, bob] = await given.users(2);
    const eve = await given.someoneAway();
    expect(await login(bob, eve)).toMatchObject({ status: 'login_fail', code: 'already_logged_in' });
    await say(ann, bob.name, 'x');
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'x');
    await say(ann, eve, 'y');
    expect(await bob.arrived()).toEqual([]);
  });

  test('that was logged out lets another user log in on the same connection', async () => {
    const [ann, bob] = await given.users(2);
    const eve = await given.someoneAway();
    await bob.request({ type: 'logout' });
    expect(await login(bob, eve)).toHaveProperty('status', 'login_success');
    await say(ann, eve, 'for eve');
    await say(ann, bob.name, 'for bob');
    const pushes = (await bob.arrived()).map((frame) => JSON.parse(frame).content);
    expect(pushes).toEqual(['for eve']);
  });

  test('that is logged out ends on this connection only', async () => {
    const [ann, bob] = await given.users(2);
    const phone = await given.device(bob.name);
    expect(await bob.request({ type: 'logout' })).toHaveProperty('status', 'logout_success');
    expect(await bob.request({ type: 'logout' })).toHaveProperty('code', 'not_logged_in');
    await say(ann, bob.name, 'x');
    expect(await phone.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'x');
    expect(await bob.arrived()).toEqual([]);
    expect(await phone.request({ type: 'fetch_history', recipient: ann.name })).toHaveProperty(
      'status',
      'history',
    );
    // The message was taken by the phone, so it is owed to nobody.
    expect(await pendingOf(bob, bob.name)).toEqual([]);
  });

  test('ends with its connection, and with no other', async () => {
    const [ann, bob] = await given.users(2);
    const phone = await given.device(bob.name);
    await phone.close();
    await say(ann, bob.name, 'x');
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'x');
    await bob.close();
    await say(ann, bob.name, 'y');
    expect(await pendingOf(await given.aStranger(), bob.name)).toEqual(['y']);
  });

  test('does not start with a registration', async () => {
    const stranger = await given.aStranger();
    const name = unique('new');
    await stranger.request({ type: 'register', username: name });
    expect(await say(stranger, name, 'x')).toHaveProperty('code', 'not_logged_in');
  });
});
