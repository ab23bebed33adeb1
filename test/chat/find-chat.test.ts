import { beforeEach, describe, expect, test } from 'vitest';
import { findChat, meantBy, meantByChat } from '../../chat/find-chat.ts';
import { sendMessage } from '../../chat/messages/send.ts';
import { privateChat } from '../../protocol/index.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;

/** The chat that is found; undefined for a user with whom there is none, or the code of the refusal. */
async function found(field: string, username = 'alice'): Promise<string | undefined> {
  try {
    return (await findChat(chat.ports, username, meantByChat(field, username)))?.chat;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('with one namespace for users and groups', () => {
  beforeEach(async () => {
    chat = service();
    chat.users('alice', 'bob', 'carol');
    chat.group('team', 'alice');
    chat.group('club', 'bob');
    chat.online('alice', 'a1');
    await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, chat.online('alice', 'a1'));
  });

  test.each([
    ['bob', 'alice:bob'],
    ['bob:alice', 'alice:bob'],
    ['team', '#team'],
    ['#team', '#team'],
    ['carol', undefined],
    ['alice:carol', undefined],
    ['club', 'not_a_member'],
    ['#club', 'not_a_member'],
    ['#bob', 'unknown_group'],
    ['nobody', 'unknown_recipient'],
    ['bob:carol', 'not_a_member'],
  ])('%s is %s', async (field, what) => {
    expect(await found(field)).toBe(what);
  });

  test('a group of the user is found without a look at the directory', async () => {
    const { ports, calls } = chat.interrupted(-1, async () => {});
    await findChat(ports, 'alice', meantBy('team'));
    expect(calls()).toBe(1);
  });
});

describe('with separate namespaces for users and groups', () => {
  const ids = ['alice', 'bob', 'carol', '#team', 'team', 'Team', 'a:b', 'a%3Ab', 'auth0|x'];

  beforeEach(async () => {
    chat = service();
    chat.state.areApart = true;
    for (const id of ids) {
      chat.state.names[`@${id}`] = { name: id, kind: 'user', created: 0, attemptId: id };
    }
    for (const name of ['bob', 'team', 'club', 'zoo']) chat.group(name, 'alice');
    chat.group('den', 'bob');
    for (const recipient of ['bob', '#team', 'a:b'])
      await sendMessage(chat.ports, { recipient, content: 'hi' }, chat.online('alice', 'a1'));
  });

  test.each([
    // A user who has a chat with the caller, and a group of theirs, called the same.
    ['bob', 'alice:bob'],
    ['#bob', '#bob'],
    // A user comes first even without a chat: what is meant for them must not reach the group.
    ['team', undefined],
    ['Team', undefined],
    ['#team', '#team'],
    ['club', '#club'],
    ['CLUB', '#club'],
    ['den', 'not_a_member'],
    ['%23team', privateChat('alice', '#team')],
    ['a%3Ab', privateChat('alice', 'a:b')],
    ['a%253Ab', undefined],
    ['auth0|x', undefined],
    ['ALICE', 'unknown_recipient'],
  ])('%s is %s', async (field, what) => {
    expect(await found(field)).toBe(what);
  });

  test('in text, `send` finds the user of a name first, then the group', async () => {
    const text = { ...chat.online('alice', 'a2', 'text') };
    const sent = async (recipient: string) =>
      (await sendMessage(chat.ports, { recipient, content: 'hi' }, text)).chat_id;
    expect(await sent('team')).toBe('alice:team');
    expect(await sent('Team')).toBe(privateChat('alice', 'Team'));
    expect(await sent('Club')).toBe('#club');
    expect(await sent('#team')).toBe(privateChat('alice', '#team'));
    expect(await sent('#zoo')).toBe('#zoo');
    await expect(sent('nobody')).rejects.toMatchObject({ code: 'unknown_recipient' });
  });

  test('in JSON, it finds only the user', async () => {
    const attempt = sendMessage(chat.ports, { recipient: 'club', content: 'hi' }, chat.online('alice', 'a1'));
    await expect(attempt).rejects.toMatchObject({ code: 'unknown_recipient' });
  });
});
