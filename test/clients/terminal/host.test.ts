import { describe, expect, test } from 'vitest';
import { chatNamed, chosen } from '../../../clients/terminal/host.ts';
import { type Row, titleOf } from '../../../clients/view/view.ts';
import { FakeChat } from './fake-chat.ts';

const row = (kind: Row['kind'], name: string): Row => ({
  ...{ kind, name, id: `${kind} ${name}` },
  ...{ lastSeq: 0, read: 0, unread: 0, moreUnread: false },
});

/** A host with these chats, whose users are registered or of a provider. */
function hostOf(hasProvider: boolean, ...rows: Row[]) {
  const chat = new FakeChat();
  chat.hasProvider = hasProvider;
  return { chat, rows, open: undefined };
}

describe('with registered users, a word', () => {
  const host = hostOf(false, row('private', 'bob'), row('group', 'team'));
  test.each([
    ['Bob', { user: 'bob' }],
    ['TEAM', { group: 'team' }],
    ['#Team', { group: 'team' }],
    ['Carol', { user: 'carol' }],
    ['#zoo', { group: 'zoo' }],
  ])('%s names %j', (word, chat) => {
    expect(chatNamed(host, word)).toEqual(chat);
  });
});

describe('with a provider, a word', () => {
  const rows = [row('group', 'team'), row('private', 'team'), row('private', '#team'), row('private', 'Bob')];
  const host = hostOf(true, ...rows, row('group', 'club'));
  test.each([
    ['team', { user: 'team' }],
    // What is meant for a group never reaches a user who is called like it.
    ['#team', { group: 'team' }],
    ['%23team', { user: '#team' }],
    ['%2523team', { user: '%23team' }],
    ['Club', { group: 'club' }],
    ['Bob', { user: 'Bob' }],
    ['bob', { user: 'bob' }],
    ['auth0|1%3A', { user: 'auth0|1%3A' }],
  ])('%s names %j', (word, chat) => {
    expect(chatNamed(host, word)).toEqual(chat);
  });

  test('chooses the chat that it names', () => {
    expect(chosen(host, '#team')).toEqual(row('group', 'team'));
    expect(chosen(host, '%23team')).toEqual(row('private', '#team'));
    expect(() => chosen(host, 'bob')).toThrow('There is no chat bob');
  });

  test('shown for a chat without a display name names that chat', () => {
    const shown = rows.map(
      (each) => `${each.kind === 'group' ? '#' : ''}${titleOf({ names: new Map() }, each)}`,
    );
    expect(shown).toEqual(['#team', 'team', '%23team', 'Bob']);
    for (const [index, each] of rows.entries()) expect(chosen(host, shown[index])).toEqual(each);
  });
});
