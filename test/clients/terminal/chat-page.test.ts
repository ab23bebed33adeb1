import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { ChatPage } from '../../../clients/terminal/chat-page.ts';
import { type Key, textOf } from '../../../clients/terminal/editor.ts';
import { layout, paneOf } from '../../../clients/terminal/layout.ts';
import { plain } from '../../../clients/terminal/line.ts';
import { nameOf, titleOf } from '../../../clients/view/view.ts';
import { aMessage, aSummary, inGroup, NOON } from '../view/views.ts';
import { FakeChat } from './fake-chat.ts';

/** A room of Alice, who has a chat with Bob and one in a group, and has looked at Bob's. */
async function aRoom(prepare: (chat: FakeChat) => void = () => {}, drafts = memoryStore()) {
  const chat = new FakeChat();
  chat.summaries = [
    aSummary(),
    aSummary({
      chat_id: '#team',
      kind: 'group',
      name: 'team',
      last_seq: 0,
      read: 0,
      unread: 0,
      last_timestamp: undefined,
    }),
  ];
  chat.log = [1, 2, 3].map((seq) => aMessage(seq));
  prepare(chat);
  let [quits, rings] = [0, 0];
  const size = { columns: 80, rows: 10, timeZone: 'UTC' };
  const now = { value: NOON };
  const page = new ChatPage({
    chat,
    size: () => size,
    now: () => now.value,
    changed() {},
    quit: () => {
      quits += 1;
    },
    ring: () => {
      rings += 1;
    },
    ...{ hasBell: true, isCaughtUp: true, drafts },
  });
  // All that follows from what was done has been done, and drawn.
  const settled = async () => {
    await idle();
    page.look();
    await idle();
  };
  await settled();
  const asked = (type: string) => chat.asked.filter((each) => (each as { type: string }).type === type);
  const press = async (...keys: Key[]) => {
    for (const key of keys) page.key(key);
    await settled();
  };
  const enter = (line: string) => press({ text: line, isPasted: true }, { name: 'return' });
  const counts = { quits: () => quits, rings: () => rings };
  return { chat, page, size, asked, press, enter, now, settled, drafts, ...counts };
}

const idle = () => new Promise((resolve) => setTimeout(resolve, 0));

const contents = ({ view }: ChatPage) => view.logs.get(view.openId)?.messages.map(({ content }) => content);

test('the newest chat is open, with its last messages, which count as read', async () => {
  const { page, asked } = await aRoom();
  expect(page.open).toMatchObject({ name: 'bob', read: 3 });
  expect(contents(page)).toEqual(['message 1', 'message 2', 'message 3']);
  expect(asked('mark_read')).toEqual([{ type: 'mark_read', chat: 'alice:bob', seq: 3 }]);
});

test('the reason for a missing token is shown until there is one', async () => {
  const { chat, page } = await aRoom();
  chat.become('waiting', 'no_token', 'getToken: `print-token` exited with code 1');
  chat.become('connecting');
  expect(page.view.notice).toEqual(['`print-token` exited with code 1']);
  chat.become('online');
  expect(page.view.notice).toEqual([]);
  page.tell(['something else']);
  chat.become('waiting', 'connection_lost');
  chat.become('online');
  expect(page.view.notice).toEqual(['something else']);
});

test('messages that arrive while another chat is open are read when they are shown', async () => {
  const { chat, page, asked, press, settled } = await aRoom();
  await press({ name: 'tab' });
  expect(page.open).toMatchObject({ name: 'team' });
  chat.emit('message', aMessage(4));
  await settled();
  expect(asked('mark_read')).toHaveLength(1);
  await press({ name: 'tab' });
  expect(page.open).toMatchObject({ name: 'bob' });
  expect(asked('mark_read').at(-1)).toMatchObject({ seq: 4 });
});

test('messages that arrive while a read mark is under way are marked together afterwards', async () => {
  const { chat, page, asked, settled } = await aRoom((each) => {
    each.answers.mark_read = {};
  });
  for (const seq of [4, 5, 6]) {
    chat.emit('message', aMessage(seq));
    page.look();
  }
  await settled();
  expect(asked('mark_read')).toMatchObject([{ seq: 3 }, { seq: 4 }, { seq: 6 }]);
});

test('messages below the visible part are not read', async () => {
  const { chat, page, asked, press, settled } = await aRoom((each) => {
    each.summaries = [aSummary({ last_seq: 40, read: 40, unread: 0 })];
    each.log = Array.from({ length: 40 }, (_, index) => aMessage(index + 1));
  });
  await press({ name: 'pageup' });
  chat.emit('message', aMessage(41));
  await settled();
  expect(asked('mark_read')).toEqual([]);
  await press({ name: 'pagedown' }, { name: 'pagedown' });
  expect(page.view.anchor).toBeUndefined();
  expect(asked('mark_read')).toMatchObject([{ seq: 41 }]);
});

test('scrolling to the top loads earlier messages, until there are no more', async () => {
  const { page, asked, press } = await aRoom((chat) => {
    chat.summaries = [aSummary({ last_seq: 120, read: 120, unread: 0 })];
    chat.log = Array.from({ length: 120 }, (_, index) => aMessage(index + 1));
  });
  expect(contents(page)).toHaveLength(50);
  for (let page = 0; page < 40; page++) await press({ name: 'pageup' });
  expect(contents(page)).toHaveLength(120);
  expect(asked('history')).toMatchObject([
    { before: Number.POSITIVE_INFINITY },
    { before: 71 },
    { before: 21 },
  ]);
});

describe('a line', () => {
  test('is sent to the open chat', async () => {
    const { page, asked, enter } = await aRoom();
    await enter('hello');
    await enter('//not a command');
    expect(asked('send')).toMatchObject([{ to: 'bob', content: 'hello' }, { content: '/not a command' }]);
    expect(page.view.sendings).toMatchObject([{ content: 'hello' }, { content: '/not a command' }]);
  });

  test('typed or pasted after a command goes to the chat that the command opens', async () => {
    const { chat, page, asked, settled } = await aRoom();
    let join: (reply: object) => void = () => {};
    const joined = new Promise<object>((resolve) => {
      join = resolve;
    });
    const { joinGroup } = chat;
    Object.assign(chat, { joinGroup: (name: string) => joined.then(() => joinGroup(name)) });
    chat.answers.join_group = {};
    for (const line of ['before', '/join team', 'one', 'two', '/msg bob', 'three', 'four']) {
      page.key({ text: line, isPasted: true });
      page.key({ name: 'return' });
    }
    await settled();
    expect(asked('send')).toMatchObject([{ to: 'bob', content: 'before' }]);
    join({});
    await settled();
    expect(asked('send')).toMatchObject([
      { to: 'bob', content: 'before' },
      { to: { group: 'team' }, content: 'one' },
      { to: { group: 'team' }, content: 'two' },
      { to: 'bob', content: 'three' },
      { to: 'bob', content: 'four' },
    ]);
  });

  test('that is empty is not sent', async () => {
    const { asked, enter } = await aRoom();
    await enter('   ');
    expect(asked('send')).toEqual([]);
  });

  test('without an open chat says how to open one', async () => {
    const { page, enter } = await aRoom((chat) => {
      chat.summaries = [];
    });
    await enter('hello');
    expect(page.view.notice.join()).toContain('/msg NAME');
  });
});

describe('a command', () => {
  test('that does not exist says so, and sends nothing', async () => {
    const { page, asked, enter } = await aRoom();
    await enter('/constructor x');
    expect(page.view.notice).toEqual(['There is no /constructor: /help lists the commands.']);
    expect(asked('send')).toEqual([]);
  });

  test('without a required word says what it needs', async () => {
    const { page, enter } = await aRoom();
    await enter('/join');
    expect(page.view.notice).toEqual(['/join GROUP']);
  });

  test('that is refused says why', async () => {
    const { page, enter } = await aRoom();
    await enter('/join nowhere');
    expect(page.view.notice).toEqual(['No join_group here.']);
  });

  test.each(['join_group', 'create_group'])('by %s opens the group', async (type) => {
    const { chat, page, enter } = await aRoom();
    chat.answers[type] = {};
    await enter(`/${type.split('_')[0]} #News`);
    expect(page.open).toMatchObject({ id: '#news', kind: 'group', name: 'news' });
  });

  test('/msg opens a chat with a user, and sends the rest of the line unchanged', async () => {
    const { chat, page, asked, enter } = await aRoom();
    chat.answers.presence = { users: [{ username: 'carol', online: false }] };
    await enter('/msg Carol  how  are you');
    expect(page.open).toMatchObject({ name: 'carol', kind: 'private' });
    expect(asked('send')).toMatchObject([{ to: 'carol', content: 'how  are you' }]);
    await enter('/msg team all');
    expect(asked('send').at(-1)).toMatchObject({ to: { group: 'team' } });
  });

  test('/switch opens an existing chat', async () => {
    const { page, enter } = await aRoom();
    await enter('/switch team');
    expect(page.open).toMatchObject({ name: 'team' });
    await enter('/switch nobody');
    expect(page.view.notice).toEqual(['There is no chat nobody. /msg NAME begins one.']);
  });

  test('/leave leaves the group, and works only in groups', async () => {
    const { chat, page, asked, enter } = await aRoom();
    chat.answers.leave_group = {};
    await enter('/leave');
    expect(page.view.notice).toEqual(['Only groups can be left.']);
    await enter('/leave team');
    expect(asked('leave_group')).toEqual([{ type: 'leave_group', group_id: 'team' }]);
    expect(page.rows.map(({ name }) => name)).toEqual(['bob']);
  });

  test('/who lists the members of a group, and who is online', async () => {
    const { chat, page, enter } = await aRoom();
    chat.answers.list_members = {
      members: [
        { username: 'alice', role: 'owner', online: true },
        { username: 'bob', role: 'member', online: false },
      ],
    };
    chat.answers.presence = {
      users: [{ username: 'bob', online: false, last_seen: '2026-11-23T09:00:00.000Z' }],
    };
    await enter('/who team');
    expect(page.view.notice).toEqual(['#team: 2 members', '● alice (owner)', '○ bob']);
    await enter('/who');
    expect(page.view.notice).toEqual(['○ bob, last seen 2026-11-23T09:00:00.000Z']);
  });

  test('/who shows names and ids', async () => {
    const { page, enter } = await aRoom((chat) => {
      chat.answers.get_profiles = { profiles: [{ username: 'bob', display_name: 'Боб' }] };
      chat.answers.list_members = { members: [{ username: 'bob', role: 'owner', online: true }] };
      chat.answers.presence = { users: [{ username: 'bob', online: true }] };
    });
    await enter('/who team');
    expect(page.view.notice).toEqual(['#team: 1 member', '● Боб (bob) (owner)']);
    await enter('/who bob');
    expect(page.view.notice).toEqual(['● Боб (bob)']);
  });

  test('/name and /title set display names', async () => {
    const { chat, page, asked, enter } = await aRoom();
    chat.answers.set_profile = { username: 'alice', display_name: 'Alice  王' };
    chat.answers.update_group = { group_id: 'team', title: 'Klub' };
    chat.answers.get_groups = { groups: [] };
    await enter('/name Alice  王');
    expect(asked('set_profile')).toEqual([{ type: 'set_profile', display_name: 'Alice  王' }]);
    expect(nameOf(page.view, 'alice')).toBe('Alice  王');
    await enter('/title Klub');
    expect(page.view.notice).toEqual(['/title is for groups.']);
    await enter('/switch team');
    await enter('/title Klub');
    expect(asked('update_group')).toEqual([{ type: 'update_group', group_id: 'team', title: 'Klub' }]);
    expect(titleOf(page.view, { kind: 'group', name: 'team' })).toBe('Klub');
    await enter('/name');
    expect(asked('set_profile').at(-1)).toEqual({ type: 'set_profile', display_name: '' });
  });

  test("/edit and /delete change one's own last message", async () => {
    const { chat, page, asked, enter } = await aRoom();
    await enter('/delete');
    expect(page.view.notice).toEqual(['There is no message of yours here.']);
    chat.emit('message', aMessage(4, { sender: 'alice' }));
    chat.emit('message', aMessage(5));
    await enter('/edit better  so');
    expect(asked('edit')).toMatchObject([{ to: 'bob', target: 4, content: 'better  so' }]);
    await enter('/delete');
    expect(asked('delete')).toMatchObject([{ to: 'bob', target: 4, undoMs: 8_000 }]);
  });

  test('/undo keeps what was deleted just now, and whoever leaves waits for nothing', async () => {
    const { chat, page, asked, enter } = await aRoom();
    await enter('/undo');
    expect(page.view.notice.join()).toContain('nothing to undo');
    await enter('/delete :1');
    await enter('/delete :2');
    expect(page.view.notice).toEqual(['It is deleted in 8 s. /undo keeps it.']);
    const last = chat.sendings.at(-1);
    await enter('/undo');
    expect(asked('undo')).toEqual([{ type: 'undo', id: last?.id }]);
    expect(page.view.notice).toEqual(['It stays.']);
    expect(asked('flush')).toEqual([]);
    page.close();
    expect(asked('flush')).toHaveLength(1);
  });

  test.each([['/logout'], ['/logout everywhere']])(
    '%s loses nothing that is not sent, unless it is told to',
    async (line) => {
      const { chat, page, asked, enter } = await aRoom();
      chat.answers.logout = {};
      await enter('not sent yet');
      Object.assign(chat.sendings[0] ?? {}, { status: 'failed', message: Promise.resolve() });
      await enter(line);
      const again = line.replace('/logout', '/logout!');
      expect(page.view.notice).toEqual([
        `A message or change of yours is not sent yet. It is lost if you log out now. ${again} does it anyway.`,
      ]);
      expect(asked('logout')).toEqual([]);
      await enter(again);
      expect(asked('logout')).toHaveLength(1);
      chat.sendings.length = 0;
      await enter(line);
      expect(asked('logout')).toHaveLength(2);
    },
  );

  test('is completed by Tab: its word, or the name of a chat', async () => {
    const { page, press } = await aRoom();
    const types = async (text: string) => {
      await press({ name: 'u', ctrl: true }, { text, isPasted: true }, { name: 'tab' });
      return textOf(page.view.editor);
    };
    expect(await types('/ed')).toBe('/edit ');
    expect(await types('/msg B')).toBe('/msg bob ');
    expect(await types('/switch te')).toBe('/switch #team ');
    expect(page.view.notice).toEqual([]);
    expect(await types('/invi')).toBe('/invit');
    expect(page.view.notice).toEqual(['/invitations  /invite  /invite-only  /invited']);
    expect(await types('/msg nobody')).toBe('/msg nobody');
    expect(await types('/constr')).toBe('/constr');
    expect(page.open?.name).toBe('bob');
  });

  test('/edit changes a message that is still under way, and not one that is being deleted', async () => {
    const { chat, page, asked, enter } = await aRoom();
    chat.emit('message', aMessage(4, { sender: 'alice' }));
    chat.emit('message', aMessage(5, { sender: 'alice' }));
    await enter('/delete');
    await enter('/edit four');
    await enter('unsent');
    const { id } = chat.sendings.at(-1) ?? {};
    await enter('/edit better');
    expect(asked('edit')).toMatchObject([{ target: 4 }, { target: id, content: 'better' }]);
    expect(page.view.notice).toEqual([]);
  });

  test('/retry and /discard act on failed messages', async () => {
    const { chat, page, asked, enter } = await aRoom();
    await enter('/retry');
    expect(page.view.notice).toEqual(['Nothing has failed.']);
    const sending = {
      to: 'bob',
      content: 'x',
      isDeletion: false,
      canUndo: false,
      message: new Promise<never>(() => {}),
    };
    chat.sendings.push({ ...sending, id: 'p', status: 'pending' }, { ...sending, id: 'f', status: 'failed' });
    await enter('/retry');
    await enter('/discard');
    expect([...asked('retry'), ...asked('discard')]).toEqual([
      { type: 'retry', id: 'f' },
      { type: 'discard', id: 'f' },
    ]);
  });

  test('/help lists all commands in 24 rows', async () => {
    const { page, enter } = await aRoom();
    await enter('/help');
    expect(page.view.notice.join('\n')).toMatch(
      /\/msg[\s\S]*\/switch[\s\S]*\/join[\s\S]*\/invite[\s\S]*\/password[\s\S]*\/quit/,
    );
    expect(page.view.notice.length).toBeLessThan(18);
    expect(Math.max(...page.view.notice.map((line) => line.length))).toBeLessThan(60);
  });

  test.each([40, 44, 59, 60, 70, 80, 200])(
    '/help fits into %d columns, as it was laid out',
    async (columns) => {
      const { page, size, enter } = await aRoom();
      Object.assign(size, { columns });
      for (const line of ['/help', '/help groups', '/help messages', '/help account']) {
        await enter(line);
        // The last line of the list is a sentence, which may be broken anywhere.
        const lines = line === '/help' ? page.view.notice.slice(0, -1) : page.view.notice;
        expect(lines.length).toBeGreaterThan(4);
        expect(lines.filter((each) => each.length > paneOf(size))).toEqual([]);
      }
    },
  );

  test('/help says more of a command or a group of them', async () => {
    const { page, enter } = await aRoom();
    await enter('/help edit');
    expect(page.view.notice).toEqual([
      '/edit [:NUMBER] TEXT: change your last message.',
      'Of an earlier message, give the number: `:12`. /numbers shows the numbers.',
      'Where no chat is open: /edit CHAT [:NUMBER] TEXT.',
    ]);
    for (const group of ['messages', 'chats', 'groups', 'account', 'program']) {
      await enter(`/help ${group}`);
      expect(page.view.notice.length).toBeGreaterThan(2);
      expect(Math.max(...page.view.notice.map((line) => line.length))).toBeLessThan(80);
    }
    await enter('/help /nothing');
    expect(page.view.notice).toEqual(['There is no /nothing: /help lists the commands.']);
  });

  test('/switch takes a part of a name, also of one that is shown, and asks which one if there are several', async () => {
    const { page, enter } = await aRoom((chat) => {
      chat.summaries.push(aSummary({ chat_id: 'alice:bobby', name: 'bobby' }));
      chat.answers.get_profiles = { profiles: [{ username: 'bobby', display_name: 'Robert Świt' }] };
      chat.answers.get_groups = { groups: [] };
    });
    await enter('/switch TEA');
    expect(page.open).toMatchObject({ name: 'team' });
    await enter('/switch świt');
    expect(page.open).toMatchObject({ name: 'bobby' });
    await enter('/switch bob');
    expect(page.open).toMatchObject({ name: 'bob' });
    await enter('/switch bo');
    expect(page.view.notice).toEqual(['Which one? bob, Robert Świt (bobby)']);
    await enter('/chats rob');
    expect(page.view.notice).toEqual(['Robert Świt (bobby)']);
  });

  test('/msg opens no chat with a name that nobody has, and says how to get into a group', async () => {
    const { chat, page, enter } = await aRoom();
    chat.answers.presence = { users: [{ username: 'nobody', unknown: true }] };
    const refuse = (code: 'unknown_group' | 'not_a_member') => {
      chat.request = async ({ type }: { type: string }) => {
        if (type === 'list_members') throw new RequestError(code, 'No.');
        return chat.answers[type] as never;
      };
    };
    refuse('unknown_group');
    await enter('/msg nobody hello');
    expect(page.view.notice).toEqual(['There is no user and no group nobody.']);
    refuse('not_a_member');
    await enter('/msg nobody hello');
    expect(page.view.notice).toEqual(['#nobody is a group, and you are no member: /join nobody']);
    expect(page.rows.map(({ name }) => name)).toEqual(['bob', 'team']);
    expect(chat.sendings).toEqual([]);
  });

  test('that needs the service says so without a connection, and what can wait is done', async () => {
    const { chat, page, asked, enter } = await aRoom();
    chat.become('waiting', 'connection_lost');
    await enter('/join news');
    expect(page.view.notice).toEqual([
      'You are offline. /join needs the service: try again when you are online.',
    ]);
    await enter('/logout everywhere');
    expect(page.view.notice.join()).toContain('You are offline.');
    await enter('/logout now');
    expect(page.view.notice).toEqual(['/logout, or /logout everywhere.']);
    await enter('/msg carol hello');
    expect(page.open).toMatchObject({ name: 'carol' });
    expect(chat.sendings).toMatchObject([{ to: 'carol', content: 'hello' }]);
    expect(asked('logout')).toEqual([]);
  });

  test('with words too many says what it takes', async () => {
    const { page, enter } = await aRoom();
    await enter('/join one two');
    expect(page.view.notice).toEqual(['/join GROUP']);
    await enter('/create one open');
    expect(page.view.notice).toEqual(['/create one, or /create one invite-only.']);
  });

  test('of an owner asks the service, and says what has become of it', async () => {
    const { chat, page, asked, enter } = await aRoom();
    Object.assign(chat.answers, {
      invite: {},
      remove_member: {},
      set_owner: {},
      update_group: { group_id: 'team' },
    });
    chat.answers.get_groups = { groups: [] };
    await enter('/invite carol');
    expect(page.view.notice).toEqual(['/invite is for groups.']);
    await enter('/switch team');
    const said: string[] = [];
    chat.answers.list_invitations = {
      invitations: [
        { group_id: 'team', username: 'carol', by: 'alice', timestamp: '2026-01-31T09:30:00.000Z' },
        { group_id: 'team', username: 'you', by: '#a', timestamp: '2026-01-31T09:31:00.000Z' },
      ],
    };
    const lines = [
      ...['/invite Carol', '/invite dora, eve', '/invited', '/uninvite carol', '/remove carol', '/owner bob'],
      ...['/invite-only', '/open'],
    ];
    for (const line of lines) {
      await enter(line);
      said.push(...page.view.notice);
    }
    await enter('/topic What we do');
    expect(said).toEqual([
      'You have invited Carol to #team.',
      'You have invited dora, eve to #team.',
      'carol, by alice, 2026-01-31T09:30:00.000Z: /uninvite carol takes it back',
      '@you, by %23a, 2026-01-31T09:31:00.000Z: /uninvite you takes it back',
      'carol is not invited to #team any more.',
      'carol is no member of #team any more.',
      "#team is bob's now. You are still a member.",
      'Only who is invited may join #team now.',
      'Anybody may join #team now.',
    ]);
    expect([
      ...asked('invite'),
      ...asked('list_invitations').slice(-1),
      ...asked('remove_member'),
      ...asked('set_owner'),
      ...asked('update_group'),
    ]).toEqual([
      { type: 'invite', group_id: 'team', username: 'carol' },
      { type: 'invite', group_id: 'team', username: 'dora' },
      { type: 'invite', group_id: 'team', username: 'eve' },
      { type: 'list_invitations', group_id: 'team' },
      { type: 'remove_member', group_id: 'team', username: 'carol', only: 'invited' },
      { type: 'remove_member', group_id: 'team', username: 'carol' },
      { type: 'set_owner', group_id: 'team', username: 'bob' },
      { type: 'update_group', group_id: 'team', invite_only: true },
      { type: 'update_group', group_id: 'team', invite_only: false },
      { type: 'update_group', group_id: 'team', topic: 'What we do' },
    ]);
  });

  test('/invitations lists all pages of them, and /decline declines one', async () => {
    const { chat, page, asked, enter } = await aRoom();
    const { request } = chat;
    const pages = [
      { invitations: [{ group_id: 'a', by: 'bob', title: 'Ä' }], next: { after: 'a' } },
      { invitations: [{ group_id: 'b', by: 'system' }] },
    ];
    chat.request = (given) => {
      if (given.type === 'list_invitations')
        chat.answers.list_invitations = pages.shift() ?? { invitations: [] };
      return request.call(chat, given);
    };
    chat.answers.leave_group = {};
    await enter('/invitations');
    expect(page.view.notice).toEqual([
      '#a (Ä), by bob: /join a or /decline a',
      '#b, by @system: /join b or /decline b',
    ]);
    expect(asked('list_invitations').at(-1)).toEqual({ type: 'list_invitations', after: 'a' });
    await enter('/invitations');
    expect(page.view.notice.join()).toContain('Nobody has invited you');
    await enter('/decline #A');
    expect(asked('leave_group')).toEqual([{ type: 'leave_group', group_id: 'a' }]);
    await enter('/decline team');
    expect(page.view.notice).toEqual(['You are in #team: /leave team leaves it.']);
  });

  test.each([
    [
      '/invitations',
      'list_invitations',
      '#a, by bob',
      { invitations: [{ group_id: 'a', by: 'bob' }], next: { after: 'a' } },
    ],
    [
      '/who team',
      'list_members',
      'ann',
      { members: [{ username: 'ann', online: true }], next: { after: 'ann' } },
    ],
  ])(
    '%s ends where a page goes on where it was, and waits where the service asks for time',
    async (line, type, told, page) => {
      const { chat, page: room, enter } = await aRoom();
      let tries = 0;
      const { request } = chat;
      chat.request = async (given) => {
        if (given.type !== type) return request.call(chat, given);
        tries += 1;
        if (tries === 2) throw new RequestError('rate_limited', 'Too fast.', 1);
        // At last, the service has mercy.
        return { ...page, ...(tries > 5 && { next: undefined }) } as never;
      };
      await enter(line);
      await expect.poll(() => room.view.notice.join()).toContain(told);
      expect(tries).toBe(3);
    },
  );

  test('/who reads all pages, and waits where the service asks for time', async () => {
    const { chat, page, enter, settled } = await aRoom();
    const member = (username: string) => ({ username, role: 'member', online: false });
    let tries = 0;
    const { request } = chat;
    chat.request = async (given) => {
      if (given.type !== 'list_members') return request.call(chat, given);
      tries += 1;
      if (tries === 2) throw new RequestError('rate_limited', 'Too fast.', 1);
      const isFirst = !('after' in given);
      return {
        members: [member(isFirst ? 'ann' : 'bob')],
        count: 2,
        ...(isFirst && { next: { after: 'ann' } }),
      } as never;
    };
    await enter('/who team');
    await expect.poll(() => tries).toBe(3);
    await settled();
    expect(page.view.notice).toEqual(['#team: 2 members', '○ ann', '○ bob']);
  });

  test('/password asks for the words, which are in no frame and no history', async () => {
    const { chat, page, asked, press, enter } = await aRoom();
    chat.answers.change_password = {};
    await press({ text: 'half a line' });
    await press({ name: 'u', ctrl: true });
    await enter('/password');
    for (const word of ['öld', 'new secret', 'new secret']) {
      await press({ text: word, isPasted: true });
      const { lines, cursor } = layout(page.view, { columns: 80, rows: 24 });
      const last = plain(lines.at(-1) ?? []);
      expect(last).toMatch(/: •+ *$/);
      expect(last.slice(0, cursor.x)).toMatch(/•$/);
      await press({ name: 'return' });
    }
    expect(asked('change_password')).toEqual([
      { type: 'change_password', old_password: 'öld', new_password: 'new secret' },
    ]);
    expect(page.view.question).toBeUndefined();
    await enter('/password leaked');
    expect(page.view.editor.history).toEqual(['/password']);
  });

  test('/password changes nothing after Escape, or if the words are not the same', async () => {
    const { page, asked, press, enter, quits } = await aRoom();
    await enter('/password');
    await press({ name: 'escape' });
    expect(page.view.notice).toEqual(['Your password stays as it is.']);
    await enter('/password');
    await press({ name: 'return' }, { text: 'a' }, { name: 'return' });
    await press({ text: 'b' }, { name: 'return' });
    expect(page.view.notice.join()).toContain('not the same');
    await enter('/password');
    await press({ name: 'c', ctrl: true });
    expect([page.view.question, quits()]).toEqual([undefined, 0]);
    expect(asked('change_password')).toEqual([]);
  });

  test('/delete-account asks for the name and the password, and forgets everything', async () => {
    const { chat, page, asked, press, enter } = await aRoom();
    chat.answers.delete_account = {};
    await enter('/delete-account');
    await press({ text: 'no', isPasted: true }, { name: 'return' }, { name: 'return' });
    expect(page.view.notice).toEqual(['Your account stays.']);
    await enter('/delete-account');
    await press({ name: 'escape' });
    expect(asked('delete_account')).toEqual([]);
    await enter('/delete-account');
    await press({ text: chat.username, isPasted: true }, { name: 'return' });
    await press({ text: 'secret', isPasted: true }, { name: 'return' });
    await expect.poll(() => asked('logout')).toHaveLength(1);
    expect(asked('delete_account')).toEqual([{ type: 'delete_account', password: 'secret' }]);
  });

  test('/discard forgets also the chat with somebody who does not exist', async () => {
    const { chat, page, enter } = await aRoom();
    chat.become('waiting', 'connection_lost');
    await enter('/msg ghost hello');
    expect(page.rows.map(({ name }) => name)).toContain('ghost');
    Object.assign(chat.sendings[0] ?? {}, { status: 'failed' });
    chat.discard = () => {
      chat.sendings.length = 0;
      chat.emit('sending', {} as never);
    };
    await enter('/discard');
    expect(page.rows.map(({ name }) => name)).toEqual(['bob', 'team']);
    expect(page.open).toBeUndefined();
  });

  test('/edit and /delete take the number of a message, which /numbers shows', async () => {
    const { page, asked, enter } = await aRoom();
    await enter('/numbers');
    const shown = () => layout(page.view, { columns: 80, rows: 24 }).lines.map(plain).join('\n');
    expect(shown()).toContain(':2 bob: message 2');
    await enter('/edit :2 other');
    await enter('/delete :1');
    await enter('/delete 1');
    expect(page.view.notice.join()).toContain('no number');
    await enter('/edit :2');
    expect(page.view.notice.join()).toContain('What should it say');
    expect([...asked('edit'), ...asked('delete')]).toMatchObject([
      { to: 'bob', target: 2, content: 'other' },
      { to: 'bob', target: 1 },
    ]);
    await enter('/numbers off');
    expect(shown()).not.toContain(':2 bob');
  });
});

describe('the page is left', () => {
  const ways: [string, Key[]][] = [
    ['Ctrl-C', [{ text: 'x' }, { name: 'c', ctrl: true }]],
    ['Ctrl-D on an empty line', [{ name: 'd', ctrl: true }]],
    ['/quit', [{ text: '/quit', isPasted: true }, { name: 'return' }]],
  ];

  test.each(ways)('by %s', async (_, keys) => {
    const { press, quits } = await aRoom();
    await press(...keys);
    expect(quits()).toBe(1);
  });

  test('not by Ctrl-D in a line, which deletes a character', async () => {
    const { press, quits } = await aRoom();
    await press({ text: 'x' }, { name: 'd', ctrl: true });
    expect(quits()).toBe(0);
  });
});

describe('typing', () => {
  test('is sent at most every three seconds, and at once in another chat', async () => {
    const { asked, press, now } = await aRoom();
    await press({ text: 'a' }, { text: 'b' });
    expect(asked('typing')).toEqual([{ type: 'typing', chat: 'alice:bob' }]);
    now.value += 3_000;
    await press({ text: 'c' });
    expect(asked('typing')).toHaveLength(2);
    await press({ name: 'tab' }, { text: 'd' });
    expect(asked('typing').at(-1)).toMatchObject({ chat: '#team' });
  });

  test('is not sent for a command, nor without a connection', async () => {
    const { chat, asked, press } = await aRoom();
    await press({ text: '/' }, { text: 'w' });
    chat.become('waiting', 'connection_lost');
    await press({ name: 'u', ctrl: true }, { text: 'x' });
    expect(asked('typing')).toEqual([]);
  });
});

test('invitations of the time when nobody listened are told once, also those that came without a connection', async () => {
  const to = (...groups: string[]) => ({
    invitations: groups.map((group_id) => ({ group_id, by: 'bob' })),
  });
  const { chat, page, settled } = await aRoom((each) => {
    each.answers.list_invitations = to('a', 'b');
  });
  const comesBack = async () => {
    page.tell([]);
    chat.become('waiting', 'connection_lost');
    chat.become('online');
    await settled();
    return page.view.notice;
  };
  expect(page.view.notice).toEqual(['You are invited to 2 groups: /invitations']);
  expect(await comesBack()).toEqual([]);
  chat.answers.list_invitations = to('a', 'c');
  expect(await comesBack()).toEqual(['You are invited to a group: /invitations']);
  chat.emit('INVITED', { type: 'INVITED', group_id: 'd', by: 'bob' });
  chat.answers.list_invitations = to('c', 'd');
  expect(await comesBack()).toEqual([]);
  // Declined elsewhere, and invited anew.
  chat.answers.list_invitations = to();
  expect(await comesBack()).toEqual([]);
  chat.answers.list_invitations = to('c');
  expect(await comesBack()).toEqual(['You are invited to a group: /invitations']);
});

test('of thousands of invitations a start reads one page', async () => {
  const { page, asked } = await aRoom((each) => {
    each.answers.list_invitations = { invitations: [{ group_id: 'a', by: 'bob' }], next: { after: 'a' } };
  });
  expect(page.view.notice).toEqual(['You are invited to a group and more: /invitations']);
  expect(asked('list_invitations')).toHaveLength(1);
});

test('expired messages that were missed are reported', async () => {
  const { chat, page } = await aRoom();
  chat.emit('gap', { chat_id: '#team', from: 3, to: 5 });
  expect(page.view.notice).toEqual(['Messages of #team that you missed are no longer kept.']);
});

test('an invitation, a removal and what the user does elsewhere are reported', async () => {
  const { chat, page } = await aRoom();
  chat.emit('INVITED', { type: 'INVITED', group_id: 'news', by: 'bob' });
  expect(page.view.notice).toEqual(['bob invites you to #news: /join news or /decline news']);
  chat.emit('UNINVITED', { type: 'UNINVITED', group_id: 'news', by: 'bob' });
  expect(page.view.notice).toEqual(['bob has withdrawn your invitation to #news.']);
  chat.emit('REMOVED', { type: 'REMOVED', group_id: 'team', by: 'bob' });
  expect(page.view.notice).toEqual(['bob has removed you from #team. You can come back if they invite you.']);
  chat.emit('OWNER_CHANGED', { type: 'OWNER_CHANGED', group_id: 'team', owner: 'alice', by: 'bob' });
  expect(page.view.notice).toEqual([
    '#team is yours now: bob has handed it over. /help groups says what you can do.',
  ]);
  chat.emit('OWNER_CHANGED', { type: 'OWNER_CHANGED', group_id: 'team', owner: 'alice' });
  expect(page.view.notice.join()).toContain('its owner has left');
  chat.emit('OWNER_CHANGED', { type: 'OWNER_CHANGED', group_id: 'team', owner: 'carol', by: 'alice' });
  expect(page.view.notice).toEqual(['#team belongs to carol now.']);
  chat.emit('JOINED', { type: 'JOINED', group_id: 'team' });
  expect(page.view.notice).toEqual(['You have joined #team on another device.']);
  chat.emit('LEFT', { type: 'LEFT', group_id: 'team' });
  expect(page.view.notice).toEqual(['You have left #team, or declined its invitation, on another device.']);
});

describe('news', () => {
  const talk = (read: number, last: number) => (chat: FakeChat) => {
    chat.summaries = [aSummary({ last_seq: last, read, unread: last - read })];
    chat.log = Array.from({ length: last }, (_, index) => aMessage(index + 1));
  };
  const shown = ({ view }: ChatPage, rows = 10) =>
    layout(view, { columns: 59, rows, timeZone: 'UTC' }).lines.map((line) => plain(line).trimEnd());

  test('begins at a line, at the top of the screen if there is more than fits, and is read as it is seen', async () => {
    const { page, asked, press } = await aRoom(talk(10, 30));
    expect(shown(page).slice(1, 4)).toEqual([
      '— new —',
      '   12:11 bob: message 11',
      '   12:12 bob: message 12',
    ]);
    expect(shown(page).at(-2)).toMatch(/ \d+ new below ↓ \(End\)$/);
    // The sixth message is below the screen.
    expect(asked('mark_read')).toMatchObject([{ seq: 15 }]);
    expect(page.open?.unread).toBe(15);
    for (let pages = 0; pages < 8; pages++) await press({ name: 'pagedown' });
    expect(page.view.anchor).toBeUndefined();
    expect(asked('mark_read').at(-1)).toEqual({ type: 'mark_read', chat: 'alice:bob', seq: 30 });
    expect(page.open).toMatchObject({ unread: 0 });
  });

  test("begins with somebody else's message, also behind one of one's own", async () => {
    const { page } = await aRoom((chat) => {
      chat.summaries = [aSummary({ last_seq: 3, read: 1, unread: 1 })];
      chat.log = [aMessage(1), aMessage(2, { sender: 'alice' }), aMessage(3)];
    });
    const lines = shown(page);
    expect(lines[lines.indexOf('— new —') + 1]).toContain('message 3');
  });

  test('that fits is shown to its end, and has a line above it', async () => {
    const { page, asked } = await aRoom(talk(28, 30));
    expect(page.view.anchor).toBeUndefined();
    expect(shown(page)).toContain('— new —');
    expect(asked('mark_read')).toHaveLength(1);
  });

  test('that is long ago is looked for', async () => {
    const { page, asked } = await aRoom(talk(100, 700));
    expect(shown(page)[2]).toContain('message 101');
    expect(asked('history').length).toBeGreaterThan(2);
  });

  test('that is passed over with End stays unread, and is above; in a line, End goes to its end', async () => {
    const { page, asked, press } = await aRoom(talk(10, 30));
    await press({ text: 'ab' }, { name: 'left' }, { name: 'end' });
    expect(page.view.anchor).toBeDefined();
    await press({ name: 'end' });
    expect(page.view.anchor).toBeUndefined();
    expect(shown(page)).toContain('   12:30 bob: message 30');
    expect(asked('mark_read').at(-1)).toMatchObject({ seq: 15 });
    expect(shown(page).at(-2)).toBe(`${' '.repeat(30)}9 new above ↑ (PageUp, /read)`);
    // The list counts what was not seen.
    expect([page.open?.unread, page.rows[0]?.unread]).toEqual([15, 9]);
    // Whoever goes through it has seen it.
    for (let pages = 0; pages < 3; pages++) await press({ name: 'pageup' });
    expect(asked('mark_read').at(-1)).toMatchObject({ seq: 30 });
    expect(shown(page).at(-2)).toMatch(/^ +more below ↓ \(End\)$/);
  });

  test('that was passed over is shown first when one comes back, and is read with /read', async () => {
    const { chat, page, asked, press, enter } = await aRoom(talk(10, 30));
    chat.answers.mark_read = {};
    await press({ name: 'end' });
    await enter('/msg carol');
    await enter('/msg bob');
    expect(shown(page)[2]).toContain('message 16');
    await press({ name: 'end' });
    await enter('/read');
    expect(asked('mark_read').at(-1)).toEqual({ type: 'mark_read', chat: 'alice:bob' });
  });

  test("is passed over with one's own message, which comes into sight, and not with a command", async () => {
    const { page, asked, enter } = await aRoom(talk(10, 30));
    await enter('/numbers');
    expect(page.view.anchor).toBeDefined();
    await enter('hello');
    expect(page.view.anchor).toBeUndefined();
    expect(asked('mark_read').at(-1)).toMatchObject({ seq: 15 });
  });

  test('that arrives while the window is not looked at is read when it is', async () => {
    const { chat, page, asked, press, settled } = await aRoom(talk(5, 5));
    await press({ name: 'blur' });
    for (let seq = 6; seq <= 25; seq++) chat.emit('message', aMessage(seq));
    await settled();
    expect(asked('mark_read')).toEqual([]);
    await press({ name: 'focus' });
    expect(shown(page).slice(1, 3)).toEqual(['— new —', '   12:06 bob: message 6']);
    for (let pages = 0; pages < 4; pages++) await press({ name: 'pagedown' });
    expect(asked('mark_read').at(-1)).toMatchObject({ seq: 25 });
  });

  test('that arrives all at once is not read where it did not fit the screen', async () => {
    const { chat, page, settled } = await aRoom(talk(5, 5));
    for (let seq = 6; seq <= 25; seq++) chat.emit('message', aMessage(seq));
    await settled();
    expect(shown(page)[2]).toContain('message 6');
    expect(page.open?.unread).toBeGreaterThan(0);
  });
});

describe('the bell', () => {
  const inTeam = (seq: number, fields = {}) => aMessage(seq, inGroup(fields));

  test('rings once for a burst of messages in another chat', async () => {
    const { chat, rings, now } = await aRoom();
    for (let seq = 1; seq < 5; seq++) chat.emit('message', inTeam(seq));
    expect(rings()).toBe(1);
    now.value += 60_000;
    chat.emit('message', inTeam(5));
    expect(rings()).toBe(2);
  });

  test('rings in the open chat only if nobody looks at its end', async () => {
    const { chat, press, rings } = await aRoom();
    chat.emit('message', aMessage(4));
    expect(rings()).toBe(0);
    await press({ name: 'blur' });
    chat.emit('message', aMessage(5));
    expect(rings()).toBe(1);
  });

  test("does not ring for one's own messages, changes and what was missed, nor when it is off", async () => {
    const { chat, rings, enter, now } = await aRoom();
    chat.emit('message', inTeam(1, { sender: 'alice' }));
    chat.emit('message', inTeam(2, { edits: 1 }));
    chat.emit('message', inTeam(3, { deletes: 1 }));
    chat.become('waiting', 'connection_lost');
    chat.become('online');
    chat.emit('message', inTeam(4));
    expect(rings()).toBe(0);
    chat.emit('caught-up', undefined);
    await enter('/bell off');
    chat.emit('message', inTeam(5));
    expect(rings()).toBe(0);
    now.value += 60_000;
    await enter('/bell on');
    chat.emit('message', inTeam(6));
    expect(rings()).toBe(1);
  });
});

describe('what is typed', () => {
  test('stays with its chat, also after a restart, until it is sent', async () => {
    const { page, drafts, press } = await aRoom();
    await press({ text: 'to bob', isPasted: true }, { name: 'tab' }, { text: 'to the team', isPasted: true });
    await press({ name: 'tab' });
    expect(textOf(page.view.editor)).toBe('to bob');
    page.close();
    const later = await aRoom(() => {}, drafts);
    expect(textOf(later.page.view.editor)).toBe('to bob');
    await later.press({ name: 'return' });
    await later.press({ name: 'tab' });
    expect(textOf(later.page.view.editor)).toBe('to the team');
    await later.press({ name: 'tab' });
    expect(textOf(later.page.view.editor)).toBe('');
    expect(drafts.keys('')).toEqual(['#team']);
  });

  test('while a command opens a chat is for that chat', async () => {
    const { page, drafts, press, enter } = await aRoom();
    await press({ name: 'tab' }, { text: 'old', isPasted: true }, { name: 'tab' });
    page.key({ text: '/switch team', isPasted: true });
    page.key({ name: 'return' });
    page.key({ text: 'n' });
    await press({ text: 'ew' });
    expect(page.open).toMatchObject({ name: 'team' });
    expect(textOf(page.view.editor)).toBe('new');
    expect(drafts.get('alice:bob')).toBeUndefined();
    await press({ name: 'u', ctrl: true });
    await enter('/switch bob');
  });

  test('is not kept after a logout, nor if it is a command', async () => {
    const { chat, page, drafts, press } = await aRoom();
    await press({ text: '/who' }, { name: 'tab', shift: true });
    expect(textOf(page.view.editor)).toBe('/who');
    await press({ name: 'u', ctrl: true }, { text: 'secret' });
    chat.become('closed', 'logged_out');
    page.tick();
    page.close();
    expect(drafts.keys('')).toEqual([]);
  });
});

test('an answer longer than the screen is leafed through', async () => {
  const { page, press } = await aRoom();
  page.tell(Array.from({ length: 12 }, (_, index) => `line ${index + 1}`));
  const notice = () => {
    const lines = layout(page.view, { columns: 59, rows: 10 }).lines.map((line) => plain(line).trimEnd());
    return lines.filter((line) => /^(— \d|line)/.test(line));
  };
  expect(notice()).toEqual(['line 1', 'line 2', 'line 3', '— 3 of 12 lines, PageDown for more —']);
  await press({ name: 'pagedown' });
  expect(notice()[0]).toBe('line 4');
  for (let page = 0; page < 5; page++) await press({ name: 'pagedown' });
  expect(notice()).toEqual(['line 10', 'line 11', 'line 12', '— 12 of 12 lines, PageUp goes back —']);
  await press({ name: 'pageup' });
  expect(notice()[0]).toBe('line 7');
  await press({ name: 'escape' });
  expect(notice()).toEqual([]);
});
