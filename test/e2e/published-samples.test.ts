import { describe, expect, test } from 'vitest';
import { plain } from '../support/frame.ts';
import { type Client, given, unique } from '../support/given.ts';
import { cast, samples } from '../support/published-samples.ts';
import { STAMP, UUID } from '../support/shapes.ts';

describe('the published samples, odd spaces and trailing commas included', () => {
  const names = () => ({ user1: unique('user1'), user2: unique('user2'), groupname1: unique('groupname1') });

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
    const cast1 = names();
    const [one, two] = [await given.aStranger(), await given.aStranger()];
    await enter(one, cast1.user1);
    await enter(two, cast1.user2);
    const sent = await two.ask(cast(samples.sendMessage, cast1));
    const stored = {
      message_id: UUID,
      chat_id: [cast1.user1, cast1.user2].sort().join(':'),
      seq: 1,
      timestamp: STAMP,
    };
    expect(sent).toEqual({ type: 'MESSAGE_SENT', status: 'send_success', ...stored });
    expect(await one.next({ type: 'RECEIVE_MESSAGE' })).toEqual({
      type: 'RECEIVE_MESSAGE',
      message_id: sent.message_id,
      chat_id: sent.chat_id,
      seq: 1,
      sender: cast1.user2,
      recipient: cast1.user1,
      content: 'Hi user1',
      timestamp: sent.timestamp,
    });
  });

  test('deliver a message at login that was sent while the user was away', async () => {
    const cast1 = names();
    const [one, two] = [await given.aStranger(), await given.aStranger()];
    await one.ask(cast(samples.register, cast1));
    await enter(two, cast1.user2);
    const sent = await two.ask(cast(samples.sendMessage, cast1));
    const reply = await one.ask(cast(samples.login, cast1));
    expect(reply.pending_messages).toEqual([
      {
        message_id: sent.message_id,
        chat_id: sent.chat_id,
        seq: 1,
        sender: cast1.user2,
        recipient: cast1.user1,
        content: 'Hi user1',
        timestamp: sent.timestamp,
      },
    ]);
  });

  test('send a group message', async () => {
    const cast1 = names();
    const [one, two] = [await given.aStranger(), await given.aStranger()];
    await enter(one, cast1.user1);
    await enter(two, cast1.user2);
    const group = cast1.groupname1;
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
    const sent = await one.ask(cast(samples.sendGroupMessage, cast1));
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
      sender: cast1.user1,
      content: 'Hi',
      timestamp: sent.timestamp,
    });
  });
});
