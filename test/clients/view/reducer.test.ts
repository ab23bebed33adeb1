import { describe, expect, test } from 'vitest';
import { type Action, reduce } from '../../../clients/view/reducer.ts';
import type { Parts } from '../../../clients/view/seen.ts';
import { nameIn } from '../../../clients/view/sender.ts';
import {
  lastOf,
  listed,
  nameOf,
  nextRow,
  openSendings,
  titleOf,
  typingIn,
  type View,
} from '../../../clients/view/view.ts';
import { aMessage, aSending, aSummary, inGroup, NOON, online, said, showBob, viewAfter } from './views.ts';

const contents = ({ logs }: View, chat = 'alice:bob') =>
  logs.get(chat)?.messages.map(({ content }) => content);
const unread = ({ rows }: View, chat = 'alice:bob') => rows.get(chat)?.unread;

describe('chats', () => {
  test('are there as soon as somebody writes, with what is unread', () => {
    const view = viewAfter(said(1), said(2), said(1, inGroup({ sender: 'carol' })));
    expect(view.rows.get('alice:bob')).toMatchObject({ kind: 'private', name: 'bob', lastSeq: 2, read: 0 });
    expect(view.rows.get('#team')).toMatchObject({ kind: 'group', name: 'team' });
    expect(unread(view)).toBe(2);
  });

  test('with somebody that one writes to have the name of that one, and are read', () => {
    const view = viewAfter(said(1, { sender: 'alice', recipient: 'bob' }));
    expect(view.rows.get('alice:bob')).toMatchObject({ name: 'bob' });
    expect(unread(view)).toBe(0);
  });

  test('with somebody have their name, also if the system writes first, which nobody has sent', () => {
    const bySystem = { sender: 'system', system: true } as const;
    const view = viewAfter(said(1, bySystem), said(2, inGroup({ seq: 1, ...bySystem })));
    expect(view.rows.get('alice:bob')).toMatchObject({ name: 'bob', unread: 1 });
    // Somebody whom an identity provider calls so.
    const theirs = [said(1, inGroup({ sender: 'system' })), said(2, inGroup(bySystem))];
    const own = theirs.reduce(reduce, { ...viewAfter(), me: 'system' });
    expect(unread(own, '#team')).toBe(1);
  });

  test('take from the service what is further on than what is known, and nothing else', () => {
    const view = viewAfter({ what: 'chats', chats: [aSummary()] }, said(4), {
      what: 'chats',
      chats: [aSummary()],
    });
    expect(view.rows.get('alice:bob')).toMatchObject({ lastSeq: 4, read: 1, lastAt: aMessage(4).timestamp });
  });

  test('say how far the partner has read, also after what they told themselves', () => {
    const read: Action = { what: 'read', chatId: 'alice:bob', username: 'bob', seq: 2 };
    const told = (partner_read: number): Action => ({
      what: 'chats',
      chats: [aSummary({ partner_read })],
    });
    expect(viewAfter(told(3)).readBy.get('alice:bob')).toBe(3);
    expect(viewAfter(read, told(1)).readBy.get('alice:bob')).toBe(2);
    expect(viewAfter({ what: 'chats', chats: [aSummary()] }).readBy.has('alice:bob')).toBe(false);
  });

  test('stand with the newest first, and those without a message last', () => {
    const empty = aSummary({ chat_id: '#new', kind: 'group', name: 'new', last_timestamp: undefined });
    const view = viewAfter({ what: 'chats', chats: [empty, aSummary()] }, said(9, inGroup()));
    expect(listed(view).map(({ name }) => name)).toEqual(['team', 'bob', 'new']);
  });

  test('that were left are gone, with their messages', () => {
    const view = viewAfter(said(1), showBob, { what: 'left', chatId: 'alice:bob' });
    expect([view.rows.size, view.logs.size, view.openId]).toEqual([0, 0, '']);
  });

  test('that were left leave the open one open', () => {
    const view = viewAfter(said(1, inGroup()), showBob, { what: 'left', chatId: '#team' });
    expect(view.openId).toBe('alice:bob');
  });

  test('stand at the newest message that the service knows, too', () => {
    const last_timestamp = aMessage(3).timestamp;
    const view = viewAfter(said(1), { what: 'chats', chats: [aSummary({ last_timestamp })] });
    expect(view.rows.get('alice:bob')).toMatchObject({ lastAt: last_timestamp });
  });

  test('are gone through from one with something unread to the next, then in order', () => {
    const chats = ['a', 'b', 'c'].map((name, index) =>
      aSummary({
        chat_id: `#${name}`,
        kind: 'group',
        name,
        last_timestamp: new Date(NOON - index).toISOString(),
        read: name === 'c' ? 1 : 3,
        unread: name === 'c' ? 2 : 0,
      }),
    );
    const shown = (name: string): Action => ({
      what: 'shown',
      chat: { id: `#${name}`, kind: 'group', name },
    });
    const view = viewAfter({ what: 'chats', chats }, shown('a'));
    expect(nextRow(view, 1)?.name).toBe('c');
    const all = viewAfter(
      { what: 'chats', chats: chats.map((chat) => ({ ...chat, read: 3, unread: 0 })) },
      shown('a'),
    );
    expect(nextRow(all, 1)?.name).toBe('b');
    expect(nextRow(all, -1)?.name).toBe('c');
    expect(nextRow({ ...all, openId: '' }, 1)?.name).toBe('a');
    expect(nextRow({ ...all, openId: '' }, -1)?.name).toBe('c');
    expect(nextRow(viewAfter(), 1)).toBeUndefined();
  });
});

describe('messages', () => {
  test('are shown once and in order, whether they are told or read from the history', () => {
    const page = [1, 2, 3].map((seq) => aMessage(seq));
    const view = viewAfter(
      said(3),
      { what: 'history', chatId: 'alice:bob', page, before: undefined },
      said(4),
      said(4),
    );
    expect(contents(view)).toEqual(['message 1', 'message 2', 'message 3', 'message 4']);
    expect(view.logs.get('alice:bob')?.isWhole).toBe(true);
  });

  test('are all there with the first one, and not with one that is told', () => {
    const page = [aMessage(1)];
    const isWhole = (event: Action) => viewAfter(event).logs.get('alice:bob')?.isWhole;
    expect(isWhole({ what: 'history', chatId: 'alice:bob', page, before: undefined })).toBe(true);
    expect(isWhole(said(1))).toBe(true);
    expect(isWhole(said(2))).toBe(false);
  });

  test('have something before them until the first is there, or nothing comes', () => {
    const page = [aMessage(2)];
    expect(
      viewAfter({ what: 'history', chatId: 'alice:bob', page, before: undefined }).logs.get('alice:bob')
        ?.isWhole,
    ).toBe(false);
    expect(
      viewAfter({ what: 'history', chatId: 'alice:bob', page: [], before: undefined }).logs.get('alice:bob')
        ?.isWhole,
    ).toBe(true);
  });

  test('are shown as they were edited last', () => {
    const edit = (seq: number, content: string) => said(seq, { content, edits: 1 });
    expect(contents(viewAfter(said(1), edit(2, 'two'), edit(3, 'three')))).toEqual(['three']);
    const page = [aMessage(1)];
    const late = viewAfter(edit(3, 'three'), edit(2, 'two'), {
      what: 'history',
      chatId: 'alice:bob',
      page,
      before: undefined,
    });
    expect(contents(late)).toEqual(['three']);
    expect(late.logs.get('alice:bob')?.messages[0]).toMatchObject({ edited: aMessage(3).timestamp });
  });

  test('that were deleted stay so, in whatever order changes come', () => {
    const page = (message: object): Action => ({
      what: 'history',
      chatId: 'alice:bob',
      before: undefined,
      page: [{ ...aMessage(1), ...message }],
    });
    const deletion = said(3, { content: '', deletes: 1 });
    const [before, after] = [said(2, { content: 'two', edits: 1 }), said(4, { content: 'four', edits: 1 })];
    const orders: Action[][] = [
      [said(1), before, deletion, after],
      [said(1), after, deletion, before],
      [deletion, after, before, page({})],
      [after, deletion, page({})],
      [page({ content: '', deleted: aMessage(3).timestamp }), before, after],
      [said(1), deletion, page({})],
    ];
    for (const order of orders) {
      const view = viewAfter(...order);
      expect(view.logs.get('alice:bob')?.messages).toMatchObject([
        { content: '', deleted: aMessage(3).timestamp },
      ]);
    }
  });

  test('that were deleted have no text any more', () => {
    const view = viewAfter(said(1), said(2, { content: '', deletes: 1 }));
    expect(view.logs.get('alice:bob')?.messages).toMatchObject([
      { content: '', deleted: aMessage(2).timestamp },
    ]);
  });
});

describe('the last message of a chat', () => {
  const last = (...events: Action[]) => lastOf(viewAfter(...events), { id: 'alice:bob' });

  test('is the newest one as it stands, not the change that came last', () => {
    const edit = said(3, { content: 'edited', edits: 1 });
    expect(last(said(1), said(2), edit)).toMatchObject({ seq: 2, content: 'message 2' });
    expect(last(said(1), said(2), said(3, { content: 'edited', edits: 2 }))).toMatchObject({
      seq: 2,
      content: 'edited',
    });
  });

  test('may be one that was deleted', () => {
    expect(last(said(1), said(2, { content: '', deletes: 1 }))).toMatchObject({ seq: 1, content: '' });
  });

  test('is none where nothing is known', () => {
    expect(last()).toBeUndefined();
    expect(last({ what: 'chats', chats: [aSummary()] })).toBeUndefined();
  });
});

describe('the open chat', () => {
  test('is none any more when the list alone is shown, which forgets nothing', () => {
    const view = viewAfter(said(1), showBob, { what: 'shown' });
    expect(view.openId).toBe('');
    expect(contents(view)).toEqual(['message 1']);
  });

  test('that was looked at in the middle begins with the newest again', () => {
    const around: Action = { what: 'around', chatId: 'alice:bob', page: [aMessage(3), aMessage(4)] };
    const view = viewAfter(said(9), showBob, around);
    expect(contents(view)).toEqual(['message 3', 'message 4']);
    const other: Action = { what: 'shown', chat: { id: '#team', kind: 'group', name: 'team' } };
    for (const away of [other, { what: 'shown' } as const])
      expect(contents(reduce(view, away))).toEqual(['message 9']);
    expect(contents(reduce(view, showBob))).toEqual(['message 3', 'message 4']);
  });

  test('that is new stands in the list, and has nothing unread', () => {
    expect(viewAfter(showBob).rows.get('alice:bob')).toMatchObject({ lastSeq: 0, unread: 0 });
  });
});

test('the current user is known once the service has confirmed the login', () => {
  const view = viewAfter({ what: 'state', state: 'online', me: 'carol' });
  expect(view.me).toBe('carol');
  expect(reduce(view, { what: 'state', state: 'waiting' }).me).toBe('carol');
});

describe('reading', () => {
  const seen = (seq: number): Action => ({ what: 'seen', seq });

  test('goes as far as was seen, in the open chat alone', () => {
    const view = viewAfter(said(1), said(2), said(3), said(1, inGroup()), showBob, seen(2));
    expect([unread(view), view.rows.get('alice:bob')?.read, unread(view, '#team')]).toEqual([1, 2, 1]);
    expect(unread(reduce(view, seen(3)))).toBe(0);
    expect(reduce(view, seen(1))).toBe(view);
  });

  test('counts what the log has, where the service told a lower bound', () => {
    const summary = aSummary({ last_seq: 9, read: 1, unread: 2 });
    const page = [2, 3, 4, 5, 6, 7, 8, 9].map((seq) => aMessage(seq));
    const history: Action = { what: 'history', chatId: 'alice:bob', page, before: undefined };
    const view = viewAfter({ what: 'chats', chats: [summary] }, history, showBob, seen(3));
    expect(unread(view)).toBe(6);
  });

  // Eight of them are another's and unread; the service has counted three.
  test.each([
    ['all that follows', 5, 10, { unread: 6, moreUnread: false }],
    ['not the first that follows', 6, 10, { unread: 5, moreUnread: true }],
    ['not the last', 5, 9, { unread: 5, moreUnread: true }],
    ['neither', 6, 9, { unread: 4, moreUnread: true }],
  ])(
    'is exact where the service has counted its newest alone, if the log has %s',
    (_, from, to, expected) => {
      const summary = aSummary({ last_seq: 10, read: 2, unread: 3, unread_more: true });
      const page = Array.from({ length: to - from + 1 }, (_each, index) => aMessage(from + index));
      const history: Action = { what: 'history', chatId: 'alice:bob', page, before: undefined };
      const view = viewAfter({ what: 'chats', chats: [summary] }, history, showBob, seen(4));
      expect(view.rows.get('alice:bob')).toMatchObject({ read: 4, ...expected });
    },
  );

  test('of what was seen in one part, the read mark says it', () => {
    const parts = [
      [0, 1],
      [8, 9],
    ] as const;
    const looked = (...seen: Parts): Action => ({ what: 'looked', chatId: 'alice:bob', parts: seen });
    const view = viewAfter(said(1), looked(...parts));
    expect(view.seen.get('alice:bob')).toEqual(parts);
    expect(reduce(view, looked([0, 9])).seen.size).toBe(0);
  });

  test('no further than before changes nothing, here or on another device', () => {
    const view = viewAfter(
      { what: 'chats', chats: [aSummary({ last_seq: 9, read: 5, unread: 3 })] },
      showBob,
    );
    for (const seq of [4, 5]) expect(reduce(view, { what: 'seen', seq })).toBe(view);
    expect(reduce(view, { what: 'read', chatId: 'alice:bob', username: 'alice', seq: 4 })).toBe(view);
  });

  test('leaves nothing unread where only an edit follows that this client never got', () => {
    const summary = aSummary({ last_seq: 10, read: 8, unread: 1 });
    const history: Action = {
      what: 'history',
      chatId: 'alice:bob',
      page: [aMessage(8), aMessage(9)],
      before: undefined,
    };
    const view = viewAfter({ what: 'chats', chats: [summary] }, history, showBob, seen(9));
    expect(unread(view)).toBe(0);
  });

  test('counts a deletion once that the log knows before its entry comes', () => {
    const page = [aMessage(2), aMessage(3, { deleted: aMessage(6).timestamp }), aMessage(4), aMessage(5)];
    const history: Action = { what: 'history', chatId: 'alice:bob', page, before: undefined };
    const summary = aSummary({ last_seq: 5, read: 1, unread: 4 });
    const view = viewAfter({ what: 'chats', chats: [summary] }, history, showBob, seen(2));
    expect(unread(reduce(view, said(6, { deletes: 3, content: '' })))).toBe(2);
  });

  test('leaves unread what the log does not have yet', () => {
    const summary = aSummary({ last_seq: 10, read: 7, unread: 3 });
    const history: Action = {
      what: 'history',
      chatId: 'alice:bob',
      page: [aMessage(8), aMessage(9)],
      before: undefined,
    };
    expect(unread(viewAfter({ what: 'chats', chats: [summary] }, history, showBob, seen(9)))).toBe(1);
  });

  test('does not count own messages and deleted ones', () => {
    const own = { sender: 'alice', recipient: 'bob' };
    const gone = said(5, { deletes: 4, content: '' });
    const view = viewAfter(said(1), said(2, own), said(3), said(4), gone, showBob, seen(1));
    expect(unread(view)).toBe(1);
  });

  test('marking a chat that is already read or unknown changes nothing', () => {
    for (const view of [viewAfter(said(1)), viewAfter(said(1), showBob, { what: 'seen', seq: 3 })])
      expect(reduce(view, { what: 'seen', seq: 3 })).toBe(view);
  });

  test('on another device counts here, and never goes back', () => {
    const read = (seq: number): Action => ({ what: 'read', chatId: 'alice:bob', username: 'alice', seq });
    expect(unread(viewAfter(said(1), said(2), said(3), read(2), read(1)))).toBe(1);
  });

  test('by the partner is kept as far as they came', () => {
    const read = (seq: number): Action => ({ what: 'read', chatId: 'alice:bob', username: 'bob', seq });
    const view = viewAfter(said(3), read(2), read(1));
    expect(view.readBy.get('alice:bob')).toBe(2);
    expect(unread(view)).toBe(1);
  });
});

describe('typing', () => {
  const typing: Action = { what: 'typing', chatId: 'alice:bob', username: 'bob' };
  const tick = (seconds: number): Action => ({ what: 'tick', now: NOON + seconds * 1000 });
  const typers = (...events: Action[]) => viewAfter(...events).typing.map(({ username }) => username);

  test('is shown until a while after it was told last', () => {
    expect(typers(typing, tick(5))).toEqual(['bob']);
    expect(typers(typing, tick(6))).toEqual([]);
    expect(typers(typing, tick(5), typing, tick(8))).toEqual(['bob']);
  });

  test('ends with the message, also when it is told only after that', () => {
    expect(typers(typing, said(1))).toEqual([]);
    expect(typers(said(1), typing)).toEqual([]);
    expect(typers(said(1), tick(2), typing)).toEqual(['bob']);
  });

  test('is known for each chat', () => {
    const view = viewAfter(typing, { ...typing, chatId: '#team', username: 'carol' });
    expect(typingIn(view, 'alice:bob')).toEqual(['bob']);
    expect(typingIn(view, '#team')).toEqual(['carol']);
    expect(typingIn(view, '#other')).toEqual([]);
  });

  test('is shown once in each chat, however often it is told', () => {
    const inTeam: Action = { ...typing, chatId: '#team' };
    const view = viewAfter(typing, inTeam, { ...typing, username: 'carol' }, typing);
    expect(view.typing.map(({ chatId, username }) => `${username} in ${chatId}`)).toEqual([
      'bob in #team',
      'carol in alice:bob',
      'bob in alice:bob',
    ]);
    expect(reduce(view, said(1)).typing.map(({ chatId, username }) => `${username} in ${chatId}`)).toEqual([
      'bob in #team',
      'carol in alice:bob',
    ]);
  });

  test('of others goes on', () => {
    expect(typers(typing, { ...typing, username: 'carol' }, said(1))).toEqual(['carol']);
  });

  test('is nothing that is known without a connection', () => {
    expect(typers(typing, { what: 'state', state: 'waiting', reason: 'connection_lost' })).toEqual([]);
  });
});

describe('sending', () => {
  const sending = aSending();

  test('is shown in its chat until the message is there', () => {
    const view = viewAfter(showBob, {
      what: 'sendings',
      sendings: [sending, { ...sending, id: 'y', to: { group: 'team' } }],
    });
    expect(openSendings(view)).toEqual([sending]);
    const stored = said(1, { sender: 'alice', recipient: 'bob', client_message_id: 'x' });
    expect(openSendings(reduce(view, stored))).toEqual([]);
  });

  test('lists its chat as the newest, before the service knows the chat', () => {
    const view = viewAfter(
      { what: 'state', state: 'online', me: 'alice' },
      { what: 'chats', chats: [aSummary({ chat_id: 'alice:cid', name: 'cid' })] },
      { what: 'sendings', sendings: [sending, { ...sending, id: 'y', to: { group: 'team' } }] },
    );
    const ids = (seen: View) => listed(seen).map(({ id, kind, name }) => [id, kind, name]);
    const cid = ['alice:cid', 'private', 'cid'];
    expect(ids(view)).toEqual([['#team', 'group', 'team'], ['alice:bob', 'private', 'bob'], cid]);
    // Opened, it stays where it is; discarded, it is no more.
    expect(ids(reduce(view, showBob))).toEqual(ids(view));
    expect(ids(reduce(view, { what: 'sendings', sendings: [] }))).toEqual([cid]);
  });

  test('is no more when it was sent', () => {
    expect(viewAfter({ what: 'sendings', sendings: [{ ...sending, status: 'sent' }] }).sendings).toEqual([]);
  });
});

test('a connection that waits says until when', () => {
  const view = viewAfter(online, {
    what: 'state',
    state: 'waiting',
    reason: 'unreachable',
    retryInMs: 4_000,
  });
  expect(view).toMatchObject({ state: 'waiting', reason: 'unreachable', waitsUntil: NOON + 4_000 });
});

describe('names', () => {
  const named = (...names: [string, string | undefined][]) =>
    ({ what: 'names', names: new Map(names) }) as const;
  const [bob, team] = [
    { kind: 'private', name: 'bob' },
    { kind: 'group', name: 'bob' },
  ] as const;

  test('of users and groups are what they want to be called, or the id', () => {
    const view = viewAfter(named(['@bob', 'Bob 王'], ['#bob', 'Клуб'], ['@carol', undefined]));
    expect([titleOf(view, bob), titleOf(view, team), nameOf(view, 'carol')]).toEqual([
      'Bob 王',
      'Клуб',
      'carol',
    ]);
    const later = reduce(view, named(['@bob', undefined]));
    expect([titleOf(later, bob), titleOf(later, team)]).toEqual(['bob', 'Клуб']);
  });

  test.each([
    ['\u202Eevil', '\uFFFDevil'],
    ['a\u001b[2Jb', 'a\uFFFD[2Jb'],
    ['two\nlines', 'two\uFFFDlines'],
    ['   ', 'bob'],
    ['\u202E\u200F', 'bob'],
    ['#team', 'team'],
    ['\u3164', 'bob'],
    ['', 'bob'],
  ])('that no service should let through (%j) do no harm', (name, shown) => {
    expect(nameOf(viewAfter(named(['@bob', name])), 'bob')).toBe(shown);
  });

  test.each([
    ['the id of another', 'ann'],
    ['the name of another', 'Ann Lee'],
    ['it in other letters', 'аnn lее'],
    ['it in Greek and digits', 'ANN 1ee'],
    ['it in Greek capitals', 'ΑΝΝ LΕΕ'],
    ['it in wide letters', 'Ａｎｎ Ｌｅｅ'],
    ['it with something that nobody sees', 'Ann\u200b\u3164 Lee'],
    ['the name of a group', 'The Team'],
    ['the id of a group', 'team'],
    ['what stands for oneself', 'You'],
    ['that with a Greek capital', 'Υou'],
    ['what is called like this app', 'Parley'],
    ['what sends messages of the service', 'System'],
    ['that in lower case and with spaces', ' s y s t e m '],
    ['that with what nobody sees', 'Sys\u200b\u2060tem\u034f'],
    ['that in Cyrillic, Greek and with accents', 'Ѕуѕtéм'],
    ['one that seems to show whose it is', 'Ben (ben)'],
  ])('that could be taken for others’ show whose they are: %s', (_, name) => {
    const known = named(['@ann', 'Ann Lee'], ['#team', 'The Team'], ['@carol', 'Carol'], ['@mallory', name]);
    const view = viewAfter(known);
    expect(nameOf(view, 'mallory')).toBe(`${name} (mallory)`);
    expect(nameOf(view, 'carol')).toBe('Carol');
    // Until there is nothing to be taken for.
    const later = reduce(view, named(['@mallory', 'Mallory']));
    const names = [
      nameOf(later, 'mallory'),
      nameOf(later, 'ann'),
      titleOf(later, { kind: 'group', name: 'team' }),
    ];
    expect(names).toEqual(['Mallory', 'Ann Lee', 'The Team']);
  });

  test.each(['system', 'System', 'SYSTEM', 'you', 'par\u200bley'])(
    'of the id %j alone are no user’s and no group’s',
    (id) => {
      const view = viewAfter();
      expect([nameOf(view, id), titleOf(view, { kind: 'private', name: id })]).toEqual([`@${id}`, `@${id}`]);
      expect(titleOf(view, { kind: 'group', name: id })).toBe(`#${id}`);
      const ofService = nameIn({ sender: 'system', system: true }, () => '');
      expect([nameIn({ sender: id }, (each) => nameOf(view, each)), ofService]).toEqual([`@${id}`, 'System']);
    },
  );

  test('that two have show both, and so does a title', () => {
    const view = viewAfter(named(['@ann', 'Ann'], ['@ann2', 'Ann'], ['#team', 'Team'], ['#evil', 'Team']));
    expect([nameOf(view, 'ann'), nameOf(view, 'ann2')]).toEqual(['Ann (ann)', 'Ann (ann2)']);
    expect(titleOf(view, { kind: 'group', name: 'evil' })).toBe('Team (#evil)');
  });
});
