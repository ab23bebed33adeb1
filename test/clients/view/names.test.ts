import { expect, test } from 'vitest';
import { PROFILE_AGE } from '../../../clients/sdk/profiles.ts';
import { CLOSE_AGE, Names } from '../../../clients/view/names.ts';
import { type Action, reduce } from '../../../clients/view/reducer.ts';
import { nameOf, titleOf, type View } from '../../../clients/view/view.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aMessage, aSummary, inGroup, NOON, online, said, showBob, viewAfter } from './views.ts';

/** Alice's view of a chat with Bob and a group, with what is asked for it. */
function aView(...events: Action[]) {
  const chat = new FakeChat();
  chat.answers.get_profiles = {
    profiles: [
      { username: 'alice', display_name: 'Alice 王' },
      { username: 'bob', display_name: 'Боб' },
    ],
  };
  chat.answers.get_groups = { groups: [{ group_id: 'team', title: 'فريق' }] };
  let view: View = viewAfter(online, showBob, said(1), said(1, inGroup({ sender: 'carol' })), ...events);
  const clock = { now: NOON };
  const happen = (action: Action) => {
    view = reduce(view, action);
    names.look(view);
  };
  const names = new Names(chat, happen, () => clock.now);
  const pass = async (ms: number) => {
    clock.now += ms;
    happen({ what: 'tick', now: clock.now });
    await settled();
  };
  return { chat, happen, names, pass, view: () => view };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const bob = { kind: 'private', name: 'bob' } as const;
const team = { kind: 'group', name: 'team' } as const;

test('names of all visible users are requested at once, and shown', async () => {
  const { chat, happen, view } = aView();
  happen({ what: 'seen', seq: 3 });
  happen({ what: 'chats', chats: [aSummary()] });
  await settled();
  expect(chat.asked).toEqual([
    { type: 'get_profiles', usernames: ['alice', 'bob'] },
    { type: 'get_groups', group_ids: ['team'] },
  ]);
  expect([titleOf(view(), bob), titleOf(view(), team), nameOf(view(), 'alice')]).toEqual([
    'Боб',
    'فريق',
    'Alice 王',
  ]);
});

test('a user who appears later is requested alone', async () => {
  const { chat, happen } = aView();
  happen({ what: 'seen', seq: 3 });
  await settled();
  happen({ what: 'shown', chat: { id: '#team', kind: 'group', name: 'team' } });
  happen({ what: 'typing', chatId: '#team', username: 'dora' });
  await settled();
  expect(chat.asked.slice(2)).toEqual([{ type: 'get_profiles', usernames: ['carol', 'dora'] }]);
});

test('a changed name appears within minutes', async () => {
  const { chat, happen, pass, view } = aView();
  happen({ what: 'seen', seq: 3 });
  await settled();
  chat.answers.get_profiles = { profiles: [{ username: 'bob', display_name: 'Robert' }] };
  await pass(PROFILE_AGE - 1);
  expect(titleOf(view(), bob)).toBe('Боб');
  await pass(1);
  expect(titleOf(view(), bob)).toBe('Robert');
  // One that was removed is none.
  expect(nameOf(view(), 'alice')).toBe('alice');
});

test('a changed name appears at once where somebody opens a chat or a list of members, and is asked for once then', async () => {
  const { chat, happen, pass, names, view } = aView();
  const ask = async (...events: Action[]) => {
    for (const event of events) happen(event);
    await settled();
    return chat.asked.splice(0);
  };
  const show = (name: string): Action => ({
    what: 'shown',
    chat:
      name === 'team' ? { id: '#team', kind: 'group', name } : { id: `alice:${name}`, kind: 'private', name },
  });
  await ask({ what: 'seen', seq: 3 });
  chat.answers.get_profiles = { profiles: [{ username: 'bob', display_name: 'Robert' }] };
  chat.answers.get_groups = { groups: [{ group_id: 'team', title: 'Team' }] };
  await pass(CLOSE_AGE - 1);
  // It was asked for just now.
  expect(await ask(show('team'))).toEqual([{ type: 'get_profiles', usernames: ['carol'] }]);
  await pass(1);
  expect(await ask(show('team'), said(2, inGroup({ sender: 'carol' })))).toEqual([]);
  expect(await ask(show('bob'))).toEqual([{ type: 'get_profiles', usernames: ['bob'] }]);
  expect(titleOf(view(), bob)).toBe('Robert');
  // With who wrote there, as far as that was asked for long enough ago.
  await pass(CLOSE_AGE - 1);
  expect(await ask(show('team'))).toEqual([
    { type: 'get_profiles', usernames: ['carol'] },
    { type: 'get_groups', group_ids: ['team'] },
  ]);
  expect(titleOf(view(), team)).toBe('Team');
  const list = async (...usernames: string[]) => {
    names.check(usernames);
    return ask();
  };
  expect(await list('bob', 'carol')).toEqual([]);
  await pass(CLOSE_AGE);
  expect(await list('bob', 'carol')).toEqual([{ type: 'get_profiles', usernames: ['bob', 'carol'] }]);
  expect(await list('bob', 'carol')).toEqual([]);
  chat.state = 'waiting';
  await pass(CLOSE_AGE);
  expect(await list('bob', 'carol')).toEqual([]);
});

test('a failed request is repeated after a while, not at once', async () => {
  const { chat, happen, pass, view } = aView();
  const { get_profiles } = chat.answers;
  delete chat.answers.get_profiles;
  happen({ what: 'seen', seq: 3 });
  await settled();
  await pass(1_000);
  expect(chat.asked).toHaveLength(2);
  Object.assign(chat.answers, { get_profiles });
  await pass(30_000);
  expect(titleOf(view(), bob)).toBe('Боб');
});

test('nothing is requested without a connection', async () => {
  const { chat, happen, view } = aView();
  chat.state = 'waiting';
  happen({ what: 'seen', seq: 3 });
  await settled();
  expect(chat.asked).toEqual([]);
  chat.state = 'online';
  happen(online);
  await settled();
  expect(titleOf(view(), team)).toBe('فريق');
});

test('who wrote in the open chat is asked for, whether earlier or later, and nobody of another chat', async () => {
  const { chat, happen } = aView();
  const crew = { id: '#crew', kind: 'group', name: 'crew' } as const;
  const by = (seq: number, sender: string) =>
    aMessage(seq, inGroup({ chat_id: '#crew', group_id: 'crew', groupname: 'crew', sender }));
  const askedAfter = async (...events: Action[]) => {
    for (const event of events) happen(event);
    await settled();
    return chat.asked.splice(0).flatMap((each) => ('usernames' in each ? each.usernames : []));
  };
  await askedAfter({ what: 'message', message: by(9, 'dora') });
  expect(await askedAfter({ what: 'shown', chat: crew })).toEqual(['dora']);
  const page = [by(5, 'early'), by(6, 'dora')];
  expect(await askedAfter({ what: 'history', chatId: '#crew', page, before: undefined })).toEqual(['early']);
  expect(await askedAfter({ what: 'message', message: by(10, 'late') })).toEqual(['late']);
  const gone = { what: 'left', chatId: '#crew' } as const;
  const joined = { what: 'message', message: by(20, 'new') } as const;
  expect(await askedAfter(gone, joined, { what: 'shown', chat: crew })).toEqual(['new']);
});

test('pictures come with the names, and one that was removed is none', async () => {
  const { chat, happen, pass, view } = aView();
  const [ofBob, ofTeam] = ['https://pictures.example/bob.png', 'https://pictures.example/team.png'];
  chat.answers.get_profiles = { profiles: [{ username: 'bob', avatar_url: ofBob }] };
  chat.answers.get_groups = { groups: [{ group_id: 'team', avatar_url: ofTeam }] };
  happen({ what: 'seen', seq: 3 });
  await settled();
  const pictures = () => ['@bob', '#team', '@alice'].map((key) => view().pictures.get(key));
  expect(pictures()).toEqual([ofBob, ofTeam, '']);
  chat.answers.get_profiles = { profiles: [] };
  await pass(PROFILE_AGE);
  expect(pictures()).toEqual(['', ofTeam, '']);
});
