import { beforeEach, describe, expect, test } from 'vitest';
import { toWire } from '../../chat/entries.ts';
import type { Counts, LogEntry } from '../../chat/model.ts';
import { writePush } from '../../protocol/index.ts';
import type { MemoryState } from '../support/memory.ts';
import { type Execution, emptyLog, type RunLog } from './execution.ts';
import { finish, violationAt, violationNow } from './invariants.ts';
import { stateWith, withSession } from './words.ts';

const PRIVATE = 'alice:bob';
const TEAM = '#team';

function entry(chat: string, seq: number, more: Partial<LogEntry> = {}): LogEntry {
  const counts = chat === PRIVATE ? { counts: [seq, 0, 0] as Counts } : {};
  return {
    chat,
    seq,
    id: `${chat} ${seq}`,
    sender: 'alice',
    content: `text ${seq}`,
    at: seq,
    ...counts,
    ...more,
  };
}

const push = (message: LogEntry, reader = 'bob') => writePush(toWire(message, reader), 'json');
/** The answer to a login, as far as the checker reads it. */
const loginFrame = (...messages: LogEntry[]) =>
  JSON.stringify({ pending_messages: messages.map((each) => toWire(each, 'bob')) });

let state: MemoryState;
let log: RunLog;
let world: Execution;

/** Alice has written twice to Bob and twice to their group, and everything arrived. Nothing is wrong. */
beforeEach(() => {
  state = stateWith({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob'] });
  log = emptyLog();
  Object.assign(log.devices, { a1: 'alice', b1: 'bob', c1: 'carol' });
  for (const chat of [PRIVATE, TEAM]) {
    state.history[chat] = [entry(chat, 1, { key: 'k1' }), entry(chat, 2, { key: 'k2' })];
    for (const message of state.history[chat]) {
      state.sockets.b1?.frames.push(push(message));
      log.sent.push({
        sender: 'alice',
        recipients: ['bob'],
        message_id: message.id,
        chat_id: chat,
        seq: message.seq,
      });
    }
  }
  const members = { alice: peer('alice'), bob: peer('bob') };
  state.members[PRIVATE] = members;
  const left = { crash: 0, twice: 0, fail: 0, cut: 0, late: 0 };
  world = { state, log, left, scenario: { budget: {} } } as unknown as Execution;
});

const peer = (username: string) => ({ chat: PRIVATE, username, role: 'peer' as const, since: 1 });
const frames = (id: string): string[] => state.sockets[id]?.frames as string[];
const at = (chat: string, seq: number) => state.history[chat]?.[seq - 1] as LogEntry;
const put = (message: LogEntry) => {
  (state.history[message.chat] as LogEntry[])[message.seq - 1] = message;
};

test('nothing is wrong with a world in which everything arrived', async () => {
  expect([violationNow(world), violationAt(world), await finish(world)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

/** Each breaks one promise. */
type Breaks = [what: string, breaks: () => void, said: string | RegExp];

describe('at every moment', () => {
  test.each<Breaks>([
    [
      'an acknowledged message is another',
      () => put(entry(PRIVATE, 2, { id: 'other' })),
      /acknowledged as alice:bob 2, and is other/,
    ],
    [
      'an acknowledged message is gone',
      () => state.history[PRIVATE]?.pop(),
      /acknowledged as alice:bob 2, and is undefined/,
    ],
    [
      'a chat of which messages were acknowledged is gone',
      () => delete state.history[TEAM],
      /#team 1 was acknowledged/,
    ],
    ['a hole', () => Object.assign(at(TEAM, 2), { seq: 3 }), '#team has a hole at 2'],
    ['a log that begins late', () => state.history[TEAM]?.shift(), '#team has a hole at 1'],
    ['time runs backwards', () => put({ ...at(TEAM, 2), at: 0.5 }), 'Time runs backwards in #team at 2'],
    [
      'one message twice',
      () => put({ ...at(TEAM, 2), id: at(TEAM, 1).id, key: 'k9' }),
      /id #team 1 is in #team twice: 1 and 2/,
    ],
    [
      'one key of a sender twice',
      () => put({ ...at(TEAM, 2), key: 'k1' }),
      "alice's k1 is in #team twice: 1 and 2",
    ],
    [
      'an edit twice',
      () => put({ ...at(TEAM, 1), editIds: ['e', 'e'] }),
      '#team 1 was edited twice by one edit: e,e',
    ],
    [
      'messages counted for the other',
      () => put(entry(PRIVATE, 2, { counts: [1, 1, 0], key: 'k2' })),
      'alice:bob 2 counts 1,1,0, and there are 2,0,0',
    ],
    [
      'an edit counted as a message',
      () => state.history[PRIVATE]?.push(entry(PRIVATE, 3, { edits: 1, counts: [3, 0, 0] })),
      'alice:bob 3 counts 3,0,0, and there are 2,0,0',
    ],
    [
      'a deletion that is not counted',
      () => state.history[PRIVATE]?.push(entry(PRIVATE, 3, { deletes: 1, counts: [2, 0, 0] })),
      'alice:bob 3 counts 2,0,0, and there are 2,0,1',
    ],
    [
      'something waits, and no backend is told',
      () => Object.assign(state.inboxes.bob ?? {}, { pending: { [TEAM]: 2 } }),
      '#team waits for bob, and no backend is told',
    ],
    [
      'a private message to a third',
      () => frames('c1').push(push(at(PRIVATE, 1))),
      'alice:bob 1 went to carol, whose it is not',
    ],
    [
      'a private message to nobody known',
      () => delete log.devices.b1,
      'alice:bob 1 went to undefined, whose it is not',
    ],
    [
      'a private message in the answer to a login of a third',
      () => frames('c1').push(loginFrame(at(PRIVATE, 2))),
      'alice:bob 2 went to carol, whose it is not',
    ],
  ])('%s', (_, breaks, said) => {
    breaks();
    expect(violationNow(world)).toMatch(said);
  });

  test('two senders may use the same key, and one sender in two chats', () => {
    put({ ...at(TEAM, 2), key: 'k1', sender: 'bob' });
    expect(violationNow(world)).toBeUndefined();
  });

  test('messages of one moment are in order', () => {
    put({ ...at(TEAM, 2), at: at(TEAM, 1).at });
    expect(violationNow(world)).toBeUndefined();
  });

  test('each party of a private chat counts their own', () => {
    state.history[PRIVATE]?.push(entry(PRIVATE, 3, { sender: 'bob', counts: [2, 1, 0] }));
    expect(violationNow(world)).toBeUndefined();
  });

  describe('a deleted message', () => {
    const deletes = (later: string[] = []) => log.deleted.push({ chat: PRIVATE, seq: 1, later });
    const empty = () =>
      put({ ...at(PRIVATE, 1), content: '', changed: { kind: 'deleted', at: 9 } } as LogEntry);

    test('has its text', () => {
      deletes();
      expect(violationNow(world)).toBe('alice:bob 1 was deleted, and is text 1');
    });

    test('is empty, but not as a deletion', () => {
      deletes();
      put({ ...at(PRIVATE, 1), content: '' });
      expect(violationNow(world)).toBe('alice:bob 1 was deleted, and is ');
    });

    test('is deleted, but for its text', () => {
      deletes();
      put({ ...at(PRIVATE, 1), changed: { kind: 'deleted', at: 9 } } as LogEntry);
      expect(violationNow(world)).toBe('alice:bob 1 was deleted, and is text 1');
    });

    test('is gone altogether', () => {
      log.sent.length = 0;
      deletes();
      delete state.history[PRIVATE];
      expect(violationNow(world)).toBe('alice:bob 1 was deleted, and is undefined');
    });

    test('reaches who asks later', () => {
      deletes(['c1', 'b1']);
      empty();
      expect(violationNow(world)).toBeUndefined();
      frames('b1').push('{"content":"secret"}');
      expect(violationNow(world)).toBe('alice:bob 1 was deleted, and its text went to b1');
    });
  });

  describe('who has left a group', () => {
    beforeEach(() => {
      log.left.push({ connection: 'b1', chat: TEAM, after: 2 });
    });

    test('may get what was on its way', () => expect(violationNow(world)).toBeUndefined());

    test('gets nothing of later', () => {
      state.history[TEAM]?.push(entry(TEAM, 3));
      frames('b1').push(push(at(TEAM, 3)));
      expect(violationNow(world)).toBe('#team went to b1, though its user had left');
    });

    test('gets nothing at a login', () => {
      frames('b1').push(loginFrame(at(TEAM, 1)));
      expect(violationNow(world)).toBe('#team went to b1, though its user had left');
    });

    test('gets nothing at a login, also between other chats', () => {
      frames('b1').push(loginFrame(at(PRIVATE, 1), at(TEAM, 1)));
      expect(violationNow(world)).toBe('#team went to b1, though its user had left');
    });

    test('gets other chats', () => {
      frames('b1').push(loginFrame(at(PRIVATE, 1)));
      expect(violationNow(world)).toBeUndefined();
    });
  });

  test('what is hidden goes to whom it is hidden from, and to no other', () => {
    log.hidden.push({ username: 'carol', chat: TEAM, content: 'text 1' });
    expect(violationNow(world)).toBeUndefined();
    frames('c1').push(push(at(TEAM, 1), 'carol'));
    expect(violationNow(world)).toBe('text 1 of a #team that is no more went to carol');
  });

  test('who was locked out gets nothing that is sent afterwards', () => {
    log.ended.push({ connection: 'b1', token: 't', chat: PRIVATE, after: 2 });
    expect(violationNow(world)).toBeUndefined();
    state.history[TEAM]?.push(entry(TEAM, 3));
    frames('b1').push(push(at(TEAM, 3)));
    expect(violationNow(world)).toBeUndefined();
    state.history[PRIVATE]?.push(entry(PRIVATE, 3));
    frames('b1').push(
      JSON.stringify({ messages: [at(PRIVATE, 2), at(PRIVATE, 3)].map((each) => toWire(each, 'bob')) }),
    );
    expect(violationNow(world)).toBe('alice:bob went to b1, which had been locked out');
  });
});

describe('when all have finished', () => {
  const inbox = (user: string) => state.inboxes[user] as MemoryState['inboxes'][string];
  const erased = { erased: 1 } as unknown as MemoryState['credentials'][string];

  test.each<Breaks>([
    ['busy, and stored', () => log.busy.push('k2'), 'k2 was answered with busy, and is stored at 2'],
    [
      'denied, and stored',
      () => log.denied.push({ key: 'k2', content: 'text 2' }),
      'text 2 was denied with k2, and is stored at 2',
    ],
    [
      'locked out, and listed',
      () => log.ended.push({ connection: 'b1', token: '', chat: PRIVATE, after: 0 }),
      'b1 was locked out, and is still listed',
    ],
    ['deleted, and may log in', () => log.gone.push('bob'), 'bob was deleted, and may log in'],
    [
      'deleted, and listed',
      () => {
        log.gone.push('bob');
        state.credentials.bob = erased;
      },
      'bob was deleted, and is still there',
    ],
    [
      'told to be in a group, and not in it',
      () => log.inside.push({ username: 'carol', chat: TEAM }),
      'carol was told that they are in #team, and is not',
    ],
    [
      'removed, and in it',
      () => log.removed.push({ username: 'bob', chat: TEAM }),
      'bob was removed from #team, and is in it',
    ],
    [
      'invited, and no more',
      () => log.invited.push({ username: 'carol', chat: TEAM }),
      'carol was invited to #team, and is no more',
    ],
    [
      'invited to an earlier group of that name',
      () => {
        log.invited.push({ username: 'carol', chat: TEAM });
        state.invitations['carol team'] = { attemptId: 'earlier' } as MemoryState['invitations'][string];
      },
      'carol was invited to #team, and is no more',
    ],
    [
      'deleted, and may speak',
      () => {
        log.gone.push('bob');
        state.credentials.bob = erased;
        inbox('bob').connections = {};
      },
      'bob was deleted, and may still speak',
    ],
    [
      'deleted, and what they wrote has its text',
      () => {
        log.gone.push('alice');
        log.early.push({ sender: 'alice', chat_id: PRIVATE, seq: 2 });
        state.credentials.alice = erased;
        inbox('alice').connections = {};
        delete state.connections.a1;
      },
      'alice was deleted, and alice:bob 2 still has its text',
    ],
    [
      'locked out, and may speak',
      () => {
        log.ended.push({ connection: 'b1', token: '', chat: PRIVATE, after: 0 });
        inbox('bob').connections = {};
      },
      'b1 was locked out, and may still speak',
    ],
    [
      'there, and owed something',
      () => Object.assign(inbox('bob'), { pending: { [TEAM]: 2 } }),
      'bob is there, and still owed {"#team":2} and undefined',
    ],
    [
      'there, and owed what is in the overflow',
      () => Object.assign(inbox('bob'), { overflow: 'full' }),
      'bob is there, and still owed {} and full',
    ],
    [
      'logged in, and not listed',
      () => Object.assign(inbox('bob'), { connections: {} }),
      'b1 is logged in, and gets nothing',
    ],
    [
      'a member too many',
      () => Object.assign(state.names.team ?? {}, { members: 3 }),
      '3 are said to be in #team, and 2 are',
    ],
    [
      'a count that is missing',
      () => delete state.names.team?.members,
      '0 are said to be in #team, and 2 are',
    ],
    [
      'an owner from outside',
      () => Object.assign(state.names.team ?? {}, { owner: 'carol' }),
      'carol owns #team, and is not in it',
    ],
    ['no owner', () => delete state.names.team?.owner, 'undefined owns #team, and is not in it'],
  ])('%s', (_, breaks, said) => {
    for (const [id, bound] of Object.entries(state.connections)) bound.login = id;
    expect(violationAt(world)).toBeUndefined();
    breaks();
    expect(violationAt(world)).toBe(said);
  });

  test.each<[what: string, is: () => void]>([
    ['a message that was answered with busy, and is not there', () => log.busy.push('k9')],
    [
      'a deleted account, whose texts are gone',
      () => {
        log.gone.push('alice');
        log.early.push({ sender: 'alice', chat_id: PRIVATE, seq: 1 });
        put({ ...at(PRIVATE, 1), content: '' });
        Object.assign(state.credentials.alice ?? {}, { erased: 1 });
        inbox('alice').connections = {};
        delete state.connections.a1;
      },
    ],
    [
      'a connection of before logins had ids that is not listed',
      () => {
        inbox('bob').connections = {};
      },
    ],
    ['somebody invited who is a member now', () => log.invited.push({ username: 'bob', chat: TEAM })],
    [
      'an invitation to the group that has the name',
      () => {
        log.invited.push({ username: 'carol', chat: TEAM });
        state.invitations['carol team'] = { attemptId: 'team' } as MemoryState['invitations'][string];
      },
    ],
    [
      'a group that is empty, and has no owner',
      () => {
        Object.assign(state.names.team ?? {}, { members: 0, owner: undefined });
        state.members[TEAM] = {};
      },
    ],
    [
      'a login that has run out, and is not listed',
      () => {
        Object.assign(state.connections.b1 ?? {}, { login: 'b1', until: 10_000 });
        inbox('bob').connections = {};
      },
    ],
    [
      'a closed socket that is not listed',
      () => {
        Object.assign(state.connections.b1 ?? {}, { login: 'b1' });
        Object.assign(state.sockets.b1 ?? {}, { open: false });
        inbox('bob').connections = {};
      },
    ],
    [
      'somebody away who is owed something',
      () => {
        Object.assign(state.sockets.b1 ?? {}, { open: false });
        inbox('bob').pending = { [TEAM]: 1 };
      },
    ],
    [
      'an early message of somebody who was not deleted',
      () => log.early.push({ sender: 'alice', chat_id: PRIVATE, seq: 1 }),
    ],
  ])('it allows %s', (_, is) => {
    is();
    expect(violationAt(world)).toBeUndefined();
  });

  test('a fault may leave a debt, a listing and a count, but no membership', () => {
    Object.assign(world.scenario.budget, { crash: 1 });
    inbox('bob').pending = { [TEAM]: 2 };
    Object.assign(state.names.team ?? {}, { members: 3 });
    expect(violationAt(world)).toBeUndefined();
    log.removed.push({ username: 'bob', chat: TEAM });
    expect(violationAt(world)).toBe('bob was removed from #team, and is in it');
  });

  test('a fault that did not happen excuses nothing', () => {
    Object.assign(world.scenario.budget, { crash: 1 });
    world.left.crash = 1;
    inbox('bob').pending = { [TEAM]: 2 };
    expect(violationAt(world)).toBe('bob is there, and still owed {"#team":2} and undefined');
  });

  test('a removed row, and one of an earlier group, are no members', () => {
    const rows = state.members[TEAM] as Record<string, object>;
    Object.assign(rows.bob ?? {}, { removed: true });
    expect(violationAt(world)).toBe('2 are said to be in #team, and 1 are');
    Object.assign(rows.bob ?? {}, { removed: undefined });
    Object.assign(state.names.team ?? {}, { generation: 2 });
    expect(violationAt(world)).toBe('2 are said to be in #team, and 0 are');
  });
});

describe('after one more login of everybody', () => {
  test('a message that was owed arrives', async () => {
    frames('b1').length = 0;
    Object.assign(state.inboxes.bob ?? {}, {
      connections: {},
      pending: { [TEAM]: 1, [PRIVATE]: 1 },
      hasPending: true,
    });
    expect(await finish(world)).toBeUndefined();
  });

  test('a message that nobody owes is lost', async () => {
    frames('b1').pop();
    expect(await finish(world)).toBe('#team 2 was acknowledged, and bob never got it');
  });

  test('a message that reached another is lost', async () => {
    const last = frames('b1').pop() as string;
    frames('c1').push(last);
    expect(await finish(world)).toBe('#team 2 was acknowledged, and bob never got it');
  });

  test('who joined before a message is its recipient, too, who joined later is not', async () => {
    log.joined.push({ username: 'carol', chat: TEAM, after: 2 });
    expect(await finish(world)).toBeUndefined();
    log.joined.push({ username: 'carol', chat: TEAM, after: 1 });
    expect(await finish(world)).toBe('#team 2 was acknowledged, and carol never got it');
  });

  test('who joined another group is none', async () => {
    log.joined.push({ username: 'carol', chat: '#other', after: 0 });
    expect(await finish(world)).toBeUndefined();
  });

  test('what a login leaves behind is a debt', async () => {
    const owed = (pointers: object) =>
      Object.defineProperty(state.inboxes, 'bob', {
        get: () => structuredClone(pointers),
        set: () => {},
        configurable: true,
      });
    owed({ connections: {}, pending: { [TEAM]: 1 } });
    expect(await finish(world)).toBe('After a login without a fault, bob is still owed #team');
    owed({ connections: {}, pending: {}, overflow: 'full' });
    expect(await finish(world)).toBe('After a login without a fault, bob is still owed full');
  });

  test('a token from before the end of all sessions still logs in', async () => {
    log.ended.push({ connection: 'x', token: 'mine', chat: PRIVATE, after: 9 });
    expect(await finish(world)).toBeUndefined();
    withSession(state, 'alice', 'mine');
    expect(await finish(world)).toBe('mine was locked out, and still logs in');
  });

  test('messages of one frame are in order', async () => {
    frames('b1').push(loginFrame(at(TEAM, 2), at(TEAM, 1)));
    expect(await finish(world)).toBe('bob got #team 1 after 2');
  });

  test('a message comes once in one frame', async () => {
    frames('b1').push(loginFrame(at(TEAM, 2), at(TEAM, 2)));
    expect(await finish(world)).toBe('bob got #team 2 after 2');
  });

  test('messages of two chats may alternate', async () => {
    frames('b1').push(loginFrame(at(TEAM, 2), at(PRIVATE, 1)));
    expect(await finish(world)).toBeUndefined();
  });

  test('what went to a third is seen', async () => {
    frames('c1').push(push(at(PRIVATE, 1)));
    expect(await finish(world)).toBe('alice:bob 1 went to carol, whose it is not');
  });

  describe('a client shows what the history shows', () => {
    const edited = (text: string) => {
      const change = entry(TEAM, 3, { edits: 1, content: text });
      state.history[TEAM]?.push(change);
      frames('b1').push(push(change));
    };
    const deletion = () => {
      const change = entry(TEAM, (state.history[TEAM]?.length ?? 0) + 1, { deletes: 1, content: '' });
      state.history[TEAM]?.push(change);
      frames('b1').push(push(change));
    };

    test('after an edit', async () => {
      edited('new');
      put({ ...at(TEAM, 1), content: 'new' });
      expect(await finish(world)).toBeUndefined();
    });

    test('not if the history has another text', async () => {
      edited('new');
      expect(await finish(world)).toBe('b1 shows new for #team 1, the history another text');
    });

    test('after a deletion, which an edit does not undo', async () => {
      deletion();
      const change = entry(TEAM, 4, { edits: 1, content: 'late' });
      state.history[TEAM]?.push(change);
      frames('b1').push(push(change));
      put({ ...at(TEAM, 1), content: '' });
      expect(await finish(world)).toBeUndefined();
    });

    test('not if a deleted text is in the history', async () => {
      deletion();
      expect(await finish(world)).toBe('b1 shows  for #team 1, the history another text');
    });

    test('not asked of a client that did not get everything', async () => {
      edited('new');
      frames('b1').splice(3, 1);
      log.sent.length = 0;
      expect(await finish(world)).toBeUndefined();
    });

    test('not asked of a deleted account, nor of two generations of a group', async () => {
      edited('new');
      put({ ...at(TEAM, 2), sender: 'bob' });
      log.gone.push('alice');
      expect(await finish(world)).toBeUndefined();
      log.gone.length = 0;
      put({ ...at(TEAM, 2), generation: 2 });
      expect(await finish(world)).toBeUndefined();
    });
  });

  test('a group that took over a name hides what the earlier one said', async () => {
    log.hidden.push({ username: 'carol', chat: TEAM, content: 'text 1' });
    expect(await finish(world)).toBeUndefined();
    const rows = state.members[TEAM] as Record<string, object>;
    rows.carol = { ...rows.bob, username: 'carol' };
    expect(await finish(world)).toBe('carol sees text 1 of a #team that is no more');
  });
});
