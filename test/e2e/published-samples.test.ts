import { describe, expect, test } from 'vitest';
import { type Frame, plain } from '../support/frame.ts';
import { type Client, given, unique } from '../support/given.ts';
import { cast, samples } from '../support/published-samples.ts';
import { STAMP, UUID } from '../support/shapes.ts';

describe('the published samples, odd spaces and trailing commas included', () => {
  /** The two users of the samples, on connections of their own, and the names that stand for those of the samples. */
  async function givenTwo() {
    const names = { user1: unique('user1'), user2: unique('user2'), groupname1: unique('groupname1') };
    return { names, one: await given.aStranger(), two: await given.aStranger() };
  }

  /** What the recipient gets of the sample's message. */
  const received = ({ message_id, chat_id, timestamp }: Frame, { user1, user2 }: Record<string, string>) => ({
    ...{ message_id, chat_id, timestamp, seq: 1 },
    ...{ sender: user2, recipient: user1, content: 'Hi user1' },
  });

  async function enter(user: Client, name: string): Promise<void> {
    expect(await user.ask(cast(samples.register, { user1: name }))).toEqual({
      type: 'registration_response',
      status: 'register_success',
      username: name,
    });
    expect(await user.ask(cast(samples.login, { user1: name }))).toEqual({
      type: 'login_response',
      status: 'login_success',
      username: name,
      pending_messages: [],
      groups: [],
      session_token: expect.stringMatching(/^[\w-]{43}$/),
      session_expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    user.name = name;
  }

  test('register two users, log them in, and send a private message', async () => {
    const { names, one, two } = await givenTwo();
    await enter(one, names.user1);
    await enter(two, names.user2);
    const sent = await two.ask(cast(samples.sendMessage, names));
    const stored = {
      message_id: UUID,
      chat_id: [names.user1, names.user2].sort().join(':'),
      seq: 1,
      timestamp: STAMP,
    };
    expect(sent).toEqual({ type: 'MESSAGE_SENT', status: 'send_success', ...stored });
    expect(await one.next({ type: 'RECEIVE_MESSAGE' })).toEqual({
      type: 'RECEIVE_MESSAGE',
      ...received(sent, names),
    });
  });

  test('deliver a message at login that was sent while the user was away', async () => {
    const { names, one, two } = await givenTwo();
    await one.ask(cast(samples.register, names));
    await enter(two, names.user2);
    const sent = await two.ask(cast(samples.sendMessage, names));
    const reply = await one.ask(cast(samples.login, names));
    expect(reply.pending_messages).toEqual([received(sent, names)]);
  });

  test('send a group message', async () => {
    const { names, one, two } = await givenTwo();
    await enter(one, names.user1);
    await enter(two, names.user2);
    const group = names.groupname1;
    expect(plain(await one.request({ type: 'create_group', group_name: group }))).toEqual({
      type: 'create_group_response',
      status: 'create_group_success',
      group_id: group,
      groupname: group,
    });
    expect(plain(await two.request({ type: 'join_group', group_id: group }))).toEqual({
      type: 'join_group_response',
      status: 'join_group_success',
      group_id: group,
    });
    const sent = await one.ask(cast(samples.sendGroupMessage, names));
    expect(sent).toEqual({
      type: 'GROUP_MESSAGE_SENT',
      status: 'send_success',
      message_id: UUID,
      chat_id: `#${group}`,
      seq: 1,
      timestamp: STAMP,
    });
    expect(await two.next({ type: 'RECEIVE_GROUP_MESSAGE' })).toEqual({
      type: 'RECEIVE_GROUP_MESSAGE',
      message_id: sent.message_id,
      chat_id: sent.chat_id,
      seq: 1,
      groupname: group,
      group_id: group,
      sender: names.user1,
      content: 'Hi',
      timestamp: sent.timestamp,
    });
  });
});
