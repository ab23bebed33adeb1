import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { RequestError, type State, type Store } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { Model } from '../../../clients/web/src/model.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aMessage, aSummary, inGroup } from './views.ts';

let chat: FakeChat;
let isAway: boolean;
let page: Model;
let drawn: number;
let store: Store;

beforeEach(() => {
  chat = new FakeChat();
  isAway = false;
  store = memoryStore();
  page = aPage(false);
  drawn = 0;
  page.onChange(() => drawn++);
  return () => chat.become('closed', 'closed');
});

const aPage = (isKnown: boolean) => new Model(chat, { store, isKnown, isAway: () => isAway });

const numbers = (from: number, upTo: number) =>
  Array.from({ length: upTo - from + 1 }, (_, index) => from + index);
const asked = (type: string) => chat.asked.filter((each) => 'type' in each && each.type === type);
const bob = { id: 'alice:bob', kind: 'private', name: 'bob' } as const;
const seesUpTo = (seq: number) => page.open && page.sees(page.open, seq);
const contents = () => (page.open ? page.logOf(page.open).messages.map(({ content }) => content) : []);

describe('a page', () => {
  test('shows the chats of the last time until there is a connection, if it knows whose they are', async () => {
    chat.summaries = [aSummary(), aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
    await page.refresh();
    chat.become('waiting', 'unreachable');
    expect(aPage(false).list).toEqual([]);
    const known = aPage(true);
    expect(known.list.map(({ id }) => id).sort()).toEqual(['#team', 'alice:bob']);
    // The user has left the group on another device.
    chat.summaries = [aSummary()];
    chat.become('online');
    await expect.poll(() => known.list.map(({ id }) => id)).toEqual(['alice:bob']);
    expect(aPage(true).list.map(({ id }) => id)).toEqual(['alice:bob']);
  });

  test('shows names of the last time, too, and none that was given up', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const other = aPage(false);
    chat.summaries = [aSummary(), aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
    chat.answers.get_groups = { groups: [{ group_id: 'team', title: '山の会' }] };
    chat.answers.get_profiles = { profiles: [{ username: 'bob', display_name: 'Böb' }] };
    const titles = (each: Model) => each.list.map((row) => each.titleOf(row)).sort();
    await other.refresh();
    await vi.waitFor(() => expect(titles(other)).toEqual(['Böb', '山の会']), 60_000);
    vi.advanceTimersByTime(1_000);
    chat.state = 'connecting';
    const known = aPage(true);
    expect(titles(known)).toEqual(['Böb', '山の会']);
    // Who has no name is remembered, too: nobody else may be taken for them.
    expect(store.get('alice/ln')).toBe('{"@alice":"","@bob":"Böb","#team":"山の会"}');
    expect(titles(aPage(false))).toEqual([]);
    // They are asked for again, and one is gone.
    chat.answers.get_profiles = { profiles: [] };
    chat.become('online');
    await vi.waitFor(() => expect(titles(known)).toEqual(['bob', '山の会']), 60_000);
    vi.advanceTimersByTime(1_000);
    expect(titles(aPage(true))).toEqual(['bob', '山の会']);
  });

  test.each(['{', '{}', '[null,{"chat_id":1}]'])('starts, though its list was kept as %s', (value) => {
    for (const key of ['l', 'ln']) store.set(`alice/${key}`, value);
    expect(aPage(true).list).toEqual([]);
  });

  test('keeps the list as it became, but nothing of a user who is logging out', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const other = aPage(false);
    chat.summaries = [aSummary()];
    await other.refresh();
    chat.emit('message', aMessage(4));
    chat.emit('READ', { type: 'READ', chat_id: 'alice:bob', username: 'bob', seq: 4 } as never);
    vi.advanceTimersByTime(1_000);
    const [row] = aPage(true).list;
    expect(row).toMatchObject({
      id: 'alice:bob',
      lastSeq: 4,
      read: 1,
      unread: 3,
      lastAt: aMessage(4).timestamp,
    });
    expect(row && aPage(true).readBy(row)).toBe(4);
    for (const key of store.keys('')) store.set(key, undefined);
    void other.logout();
    chat.emit('message', aMessage(5));
    if (row) other.writing.keep(row, 'typed until the page is gone');
    await other.show(bob);
    other.open && other.sees(other.open, 5);
    vi.advanceTimersByTime(1_000);
    expect([other.open?.read, store.keys('')]).toEqual([5, []]);
  });

  test.each(['logged_out', 'erased'] as const)('keeps nothing more of a user who is %s', async (reason) => {
    let isOut: boolean | undefined;
    page.onEnd((_, out) => {
      isOut = out;
    });
    chat.become('closed', reason);
    chat.summaries = [aSummary()];
    await page.refresh();
    page.writing.keep(bob, 'too late');
    expect([isOut, store.keys('')]).toEqual([true, []]);
  });

  test('shows nothing of a user before it is certain that it is them', () => {
    chat.become('waiting', 'unreachable');
    const [known, other] = [aPage(true), aPage(false)];
    expect([known.isIn, other.isIn]).toEqual([true, false]);
    chat.become('online');
    expect(other.isIn).toBe(true);
  });

  test('sends what waits for an undo before a logout, and says what is not sent', async () => {
    expect(await page.unsent()).toBe(0);
    expect(asked('flush')).toHaveLength(1);
    const message = Promise.resolve(aMessage(1));
    Object.assign(chat.send('bob', 'hi'), { message });
    void message.then(() => chat.sendings.pop());
    expect(await page.unsent()).toBe(0);
    chat.send('bob', 'hi');
    chat.become('waiting', 'unreachable');
    expect(await page.unsent()).toBe(1);
  });

  test('is drawn again when another tab changes what is typed, and nothing else', () => {
    let change: (key: string) => void = () => {};
    store.watch = (changed) => {
      change = changed;
      return () => {};
    };
    const watching = aPage(false);
    let count = 0;
    watching.onChange(() => count++);
    for (const key of ['alice/m/alice:bob/1', 'alice/c/alice:bob', 'bob/d/alice:bob', 'session']) change(key);
    expect(count).toBe(0);
    for (const key of ['alice/d/alice:bob', 'alice/e/alice:bob']) change(key);
    expect(count).toBe(2);
  });

  test('is drawn again when something arrives', () => {
    chat.emit('message', aMessage(1));
    expect(drawn).toBeGreaterThan(0);
    expect(page.list.map(({ name }) => name)).toEqual(['bob']);
  });

  test('reads the chats and the members of the open one when it comes online', async () => {
    chat.summaries = [aSummary()];
    chat.answers.presence = { users: [{ username: 'bob', online: false, last_seen: 'then' }] };
    await page.show(bob);
    chat.become('waiting', 'connection_lost');
    chat.become('online');
    await expect.poll(() => page.people.list).toEqual([{ username: 'bob', online: false, lastSeen: 'then' }]);
    expect(page.open).toMatchObject({ lastSeq: 3 });
  });

  test('shows what is kept of the open chat once it turns out that there is no connection', async () => {
    chat.summaries = [aSummary()];
    chat.log = [aMessage(2), aMessage(3)];
    const other = aPage(false);
    await Promise.all([page.refresh(), other.refresh()]);
    const { history } = chat;
    const waits = vi.fn(() => new Promise<never>(() => {}));
    chat.history = waits;
    chat.become('connecting');
    void other.show(bob);
    // As long as nothing is kept, it asks once more, however often connecting fails.
    for (const state of ['waiting', 'connecting', 'waiting'] as const) chat.become(state);
    expect(waits).toHaveBeenCalledTimes(2);
    void page.show(bob);
    chat.history = history;
    chat.become('connecting');
    chat.become('waiting');
    await expect.poll(contents).toEqual(['message 2', 'message 3']);
    expect(asked('history')).toHaveLength(1);
  });

  test('asks for the members of a group at once, and shows them however long its messages take', async () => {
    chat.summaries = [aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
    const members = [{ username: 'bob', online: true, role: 'owner' }];
    chat.answers.list_members = { members, count: 131, next: { after: 'bob' } };
    await page.refresh();
    chat.history = () => new Promise(() => {});
    void page.show({ id: '#team', kind: 'group', name: 'team' });
    expect(asked('list_members')).toHaveLength(1);
    await expect
      .poll(() => [page.people.count, page.people.list, page.people.hasMore])
      .toEqual([131, members, true]);
  });

  test('shows earlier messages, and reads on further up', async () => {
    chat.summaries = [aSummary()];
    chat.log = [1, 2, 3].map((seq) => aMessage(seq));
    await page.refresh();
    await page.show(bob);
    expect(contents()).toEqual(['message 1', 'message 2', 'message 3']);
    const before = asked('history').length;
    await page.older(bob.id);
    expect(asked('history')).toHaveLength(before);
  });

  describe('in the middle of a long chat', () => {
    const seqs = () => (page.open ? page.logOf(page.open).messages.map(({ seq }) => seq) : []);
    const isCut = () => page.open !== undefined && page.logOf(page.open).ahead !== undefined;
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const row = () => page.open as NonNullable<typeof page.open>;
    const around = (after: number, isWanted = () => true) =>
      page.around(row(), { after, limit: 100 }, isWanted);

    beforeEach(async () => {
      chat.summaries = [aSummary({ last_seq: 1_000, read: 100, unread: 900 })];
      chat.log = range(1, 1_000).map((seq) => aMessage(seq));
      chat.answers.mark_read = {};
      await page.refresh();
      await page.show(bob);
      expect(await around(85)).toBe(true);
    });

    test('it shows a page there, and loads later ones until it comes to the newest', async () => {
      expect([seqs(), isCut()]).toEqual([range(86, 185), true]);
      for (let count = 0; isCut() && count < 20; count++) await page.later(row(), 100);
      expect([seqs(), isCut()]).toEqual([range(86, 1_000), false]);
      // One for those around, and eight for what is up to the newest page: nothing is asked for twice.
      expect([asked('fetch_history').length, asked('history').length]).toEqual([9, 1]);
      await page.later(row());
      expect(asked('fetch_history')).toHaveLength(9);
    });

    test('what comes is counted, and is the last of the chat, but not shown behind what it does not follow', async () => {
      chat.emit('message', aMessage(1_001));
      expect([seqs().at(-1), page.open?.unread, page.lastOf(row())?.seq]).toEqual([185, 901, 1_001]);
      seesUpTo(150);
      expect(asked('mark_read')).toEqual([{ type: 'mark_read', chat: 'alice:bob', seq: 150 }]);
      expect(page.open?.unread).toBe(851);
      seesUpTo(185);
      await expect.poll(() => asked('mark_read').at(-1)).toMatchObject({ seq: 185 });
      page.newest(row());
      expect(seqs()).toEqual(range(961, 1_001));
    });

    test('an edit or deletion shows on either side', () => {
      chat.emit('message', aMessage(1_001, { edits: 90, content: 'edited here' }));
      chat.emit('message', aMessage(1_002, { edits: 1_000, content: 'edited there' }));
      expect([seqs().at(-1), contents().includes('edited here')]).toEqual([185, true]);
      page.newest(row());
      expect(contents().at(-1)).toBe('edited there');
    });

    test('what one writes is behind the newest message', () => {
      page.send(row(), 'mine');
      expect([seqs(), isCut()]).toEqual([range(961, 1_000), false]);
      expect(page.sendingsIn(row())).toMatchObject([{ content: 'mine' }]);
    });

    test('the last own message is the one to edit', () => {
      chat.emit('message', aMessage(1_001, { sender: 'alice', recipient: 'bob' }));
      page.writing.editLast(row());
      expect(page.writing.edited(row())).toEqual({ target: 1_001, text: 'message 1001' });
    });

    test('a page that came too late is left out', async () => {
      const before = page.older(bob.id);
      const after = page.later(row());
      page.newest(row());
      await Promise.all([before, after]);
      expect(seqs()).toEqual(range(961, 1_000));
      await around(85, () => false);
      expect(isCut()).toBe(false);
      const elsewhere = around(85);
      await page.show();
      await elsewhere;
      await page.show(bob);
      expect(seqs()).toEqual(range(961, 1_000));
    });

    test('whoever comes back to it begins at its newest', async () => {
      await page.show(bob);
      expect(isCut()).toBe(true);
      await page.show({ id: 'alice:carol', kind: 'private', name: 'carol' });
      await page.show(bob);
      expect([seqs(), isCut()]).toEqual([range(961, 1_000), false]);
    });
  });

  test('marks nothing as read between what was seen and another part of the log', async () => {
    chat.summaries = [aSummary({ last_seq: 1_000, read: 100, unread: 900 })];
    chat.log = Array.from({ length: 1_000 }, (_, index) => aMessage(index + 1));
    await page.refresh();
    await page.show(bob);
    seesUpTo(110);
    expect(page.logOf(bob as never).first).toBeGreaterThan(111);
    expect(asked('mark_read')).toEqual([]);
    expect(page.open).toMatchObject({ read: 100, unread: 900 });
  });

  test('marks the open chat as read once a person looks', async () => {
    isAway = true;
    await page.show(bob);
    chat.emit('message', aMessage(1));
    seesUpTo(1);
    expect(asked('mark_read')).toEqual([]);
    expect(page.open?.unread).toBe(1);
    isAway = false;
    page.looks();
    expect(asked('mark_read')).toEqual([{ type: 'mark_read', chat: 'alice:bob', seq: 1 }]);
    expect(page.open?.unread).toBe(0);
  });

  test('marks as read what was in view, and nothing below it, nor in another chat', async () => {
    await page.show(bob);
    for (const seq of [1, 2, 3]) chat.emit('message', aMessage(seq));
    expect(asked('mark_read')).toEqual([]);
    seesUpTo(2);
    expect(asked('mark_read')).toEqual([{ type: 'mark_read', chat: 'alice:bob', seq: 2 }]);
    expect(page.open?.unread).toBe(1);
    chat.emit('message', aMessage(1, inGroup()));
    await page.show({ id: '#team', kind: 'group', name: 'team' });
    expect(asked('mark_read')).toHaveLength(1);
    expect(page.open?.unread).toBe(1);
  });

  test('knows after a reload what was read since the chats were listed, until they are listed again', async () => {
    chat.summaries = [aSummary({ last_seq: 3, read: 1, unread: 2 })];
    chat.log = [1, 2, 3].map((seq) => aMessage(seq));
    await page.refresh();
    await page.show(bob);
    seesUpTo(2);
    expect(aPage(true).list).toMatchObject([{ read: 2, unread: 1 }]);
    chat.summaries = [aSummary({ last_seq: 4, read: 3, unread: 1 })];
    await page.refresh();
    expect(aPage(true).list).toMatchObject([{ read: 3, unread: 1 }]);
    expect(store.keys('alice/lr')).toEqual([]);
  });

  test('knows after a reload what was seen behind what was passed over, and how much that is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const other = aPage(false);
    chat.log = numbers(1, 30).map((seq) =>
      aMessage(seq, seq === 28 ? { sender: 'alice', recipient: 'bob' } : {}),
    );
    chat.summaries = [aSummary({ last_seq: 30, read: 1, unread: 28 })];
    await other.refresh();
    await other.show(bob);
    const unread = (each: Model) => each.list.map((row) => row.unread);
    // Ten at the end, of which one is the user's own.
    if (other.open)
      other.sees(other.open, 1, [
        [0, 1],
        [21, 30],
      ]);
    expect(unread(other)).toEqual([19]);
    vi.advanceTimersByTime(1_000);
    const next = aPage(true);
    expect(unread(next)).toEqual([19]);
    await next.refresh();
    await next.show(bob);
    expect([unread(next), next.open && next.seenOf(next.open)]).toEqual([
      [19],
      [
        [0, 1],
        [21, 30],
      ],
    ]);
    // All of it was read on another device meanwhile.
    chat.emit('READ', { type: 'READ', chat_id: 'alice:bob', username: 'alice', seq: 25 } as never);
    expect(unread(next)).toEqual([0]);
  });

  test('keeps how far a chat was read in any tab, whichever reads last', async () => {
    chat.log = numbers(1, 30).map((seq) => aMessage(seq));
    chat.summaries = [aSummary({ last_seq: 30, read: 1, unread: 29 })];
    const [tab, other] = [aPage(true), aPage(true)];
    for (const [each, upTo] of [
      [tab, 20],
      [other, 10],
      [tab, 22],
    ] as const) {
      await each.refresh();
      await each.show(bob);
      if (each.open) each.sees(each.open, upTo);
      each.keep();
    }
    other.keep();
    expect(aPage(true).list).toMatchObject([{ read: 22, unread: 8 }]);
    if (other.open) other.sees(other.open, 12);
    other.keep();
    expect(aPage(true).list).toMatchObject([{ read: 22, unread: 8 }]);
  });

  test('keeps what was seen of a chat in any tab', async () => {
    chat.log = numbers(1, 30).map((seq) => aMessage(seq));
    chat.summaries = [aSummary({ last_seq: 30, read: 1, unread: 29 })];
    const [tab, other] = [aPage(true), aPage(true)];
    const lastUnread = () => aPage(true).list.map(({ unread }) => unread);
    const looks = async (each: Model, ...parts: [number, number][]) => {
      await each.show(bob);
      if (each.open) each.sees(each.open, 1, [[0, 1], ...parts]);
      each.keep();
    };
    await Promise.all([tab.refresh(), other.refresh()]);
    await looks(tab, [21, 30]);
    expect(lastUnread()).toEqual([19]);
    // Something happens in both.
    const happens = (seq: number) => {
      chat.emit('message', aMessage(seq, inGroup()));
      for (const each of [other, tab, other]) each.keep();
    };
    happens(1);
    expect(lastUnread().sort()).toEqual([1, 19]);
    // Where somebody has looked in both, what either has seen was seen, whoever looked last.
    await looks(other, [6, 10], [26, 30]);
    happens(2);
    expect(lastUnread().sort((one, two) => one - two)).toEqual([2, 14]);
    await looks(tab, [16, 30]);
    expect(lastUnread().sort((one, two) => one - two)).toEqual([2, 9]);
    // All of it was seen.
    if (other.open) other.sees(other.open, 30, [[0, 30]]);
    other.keep();
    happens(3);
    expect(store.keys('alice/ls')).toEqual([]);
  });

  test.each(['{', '{"alice:bob":null}', '{"alice:bob":{"parts":[[1]],"unread":1}}', '[1]'])(
    'starts, though what was seen was kept as %s',
    async (value) => {
      chat.summaries = [aSummary()];
      const asIs = { ...store, get: (key: string) => (key.endsWith('ls') ? value : store.get(key)) };
      await page.refresh();
      const next = new Model(chat, { store: asIs, isKnown: true, isAway: () => isAway });
      expect(next.list.map(({ unread }) => unread)).toEqual([2]);
    },
  );

  test('is not drawn again for what is in view already', async () => {
    await page.show(bob);
    chat.emit('message', aMessage(1));
    seesUpTo(1);
    drawn = 0;
    seesUpTo(1);
    expect(drawn).toBe(0);
  });

  test('what is read without a connection is so here, and marked with the next one', async () => {
    chat.summaries = [aSummary({ last_seq: 1, read: 0, unread: 1 })];
    await page.show(bob);
    chat.become('waiting', 'connection_lost');
    chat.emit('message', aMessage(1));
    seesUpTo(1);
    expect(asked('mark_read')).toEqual([]);
    expect(page.open?.unread).toBe(0);
    chat.become('online');
    await expect.poll(() => asked('mark_read')).toEqual([{ type: 'mark_read', chat: 'alice:bob', seq: 1 }]);
  });

  test('shows messages under way to the open chat until they are sent', async () => {
    await page.show(bob);
    page.send({ ...bob, lastSeq: 0, read: 0, unread: 0, moreUnread: false }, 'hi');
    const sendings = () => page.open && page.sendingsIn(page.open);
    expect(sendings()).toMatchObject([{ content: 'hi', status: 'pending' }]);
    chat.emit(
      'message',
      aMessage(1, { sender: 'alice', recipient: 'bob', client_message_id: sendings()?.[0]?.id }),
    );
    expect(sendings()).toEqual([]);
  });

  test('says how far the partner has read', async () => {
    await page.show(bob);
    chat.emit('READ', { type: 'READ', chat_id: bob.id, username: 'bob', seq: 2 } as never);
    expect(page.open && page.readBy(page.open)).toBe(2);
  });

  test('forgets a chat that was left, and its members', async () => {
    chat.answers.leave_group = {};
    chat.answers.list_members = { members: [] };
    await page.show({ id: '#team', kind: 'group', name: 'team' });
    if (page.open) await page.leave(page.open);
    expect(page.open).toBeUndefined();
    expect(page.list).toEqual([]);
  });

  test('shows an error until an action of its kind succeeds', async () => {
    await page.enter('team');
    expect(page.notice).toContain('join_group');
    await page.refresh();
    expect(page.notice).toContain('join_group');
    chat.answers.join_group = {};
    await page.enter('team');
    expect(page.notice).toBe('');
    const { chats } = chat;
    chat.chats = async () => {
      throw new RequestError('busy', 'Later.');
    };
    await page.refresh();
    expect(page.notice).toBe('The service is busy. Try again.');
    chat.chats = chats;
    await page.refresh();
    expect(page.notice).toBe('');
    page.say('Something else.');
    await page.refresh();
    expect(page.notice).toBe('Something else.');
  });

  test('shows an invitation until the user is in the group', async () => {
    for (const group_id of ['team', 'crew'])
      chat.emit('INVITED', { type: 'INVITED', group_id, by: 'bob' } as never);
    const open = () => page.invitations.list.map(({ group }) => group);
    expect(open()).toEqual(['crew', 'team']);
    chat.summaries = [aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
    await page.refresh();
    expect(page.invitations.list).toEqual([{ group: 'crew', by: 'bob' }]);
    // What a phone shows beside the open chat, which hides the list.
    chat.summaries.push(aSummary());
    await page.refresh();
    expect(page.waiting).toBe(3);
    await page.show(bob);
    expect(page.waiting).toBe(2);
    // On another device.
    chat.emit('JOINED', { type: 'JOINED', group_id: 'crew' } as never);
    expect(open()).toEqual([]);
  });

  test('says no more that its user is not in a group when they are invited', async () => {
    chat.answers.join_group = undefined as never;
    page.say('You are not a member of crew.', { invitation: 'crew' });
    expect([page.notice, page.invitation, page.isNews]).toEqual([
      'You are not a member of crew.',
      'crew',
      true,
    ]);
    const invite = (group_id: string) =>
      chat.emit('INVITED', { type: 'INVITED', group_id, by: 'bob' } as never);
    invite('team');
    expect(page.notice).not.toBe('');
    invite('crew');
    expect(page.notice).toBe('');
    // They were invited first.
    page.say('You are not a member of crew.', { invitation: 'crew' });
    expect(page.notice).toBe('');
    // Who can't join it is told so, until they can.
    page.say('Only invited people can join club.', { notIn: 'club' });
    expect([page.notice, page.invitation, page.isNews]).toEqual([
      'Only invited people can join club.',
      '',
      true,
    ]);
    invite('club');
    expect(page.notice).toBe('');
    // A join was refused.
    await page.enter('band');
    expect([page.notice, page.isNews]).toEqual(['No join_group here.', false]);
    invite('band');
    expect(page.notice).toBe('');
  });

  test('offers to write to whom the notice says to ask, if there is such a user', async () => {
    const known = new Set(['bob']);
    chat.request = async (request: { type: string; usernames?: string[] }) =>
      ({
        users: (request.usernames ?? []).map((username) => ({ username, unknown: !known.has(username) })),
      }) as never;
    const ask = (user: string) =>
      page.say('Only invited people can join club.', { notIn: 'club', ask: user });
    ask('nobody');
    expect(page.ask).toBe('nobody');
    await page.write(page.ask);
    expect([page.open, page.ask, page.notice]).toEqual([undefined, '', 'There is no user of this name.']);
    ask('bob');
    await page.write(page.ask);
    expect([page.open?.id, page.ask, page.notice]).toEqual(['alice:bob', '', '']);
  });

  test('knows the title of a group from its invitation', async () => {
    chat.answers.join_group = {};
    chat.answers.list_invitations = {
      invitations: [{ group_id: 'crew', by: 'bob', timestamp: '', title: '山の会' }],
    };
    await page.invitations.refresh();
    await page.join('crew');
    expect(page.titleOf({ kind: 'group', name: 'crew' })).toBe('山の会');
  });

  test('knows whether what it missed may still be arriving', () => {
    const seen = (...states: State[]) =>
      states.map((state) => {
        chat.become(state);
        return page.isCatchingUp;
      });
    chat.state = 'connecting';
    expect(aPage(true).isCatchingUp).toBe(true);
    expect(seen('waiting', 'connecting', 'online')).toEqual([false, true, true]);
    const before = drawn;
    chat.emit('caught-up', undefined);
    expect([page.isCatchingUp, drawn > before]).toEqual([false, true]);
    expect(seen('waiting')).toEqual([false]);
  });

  test('makes a group with a title', async () => {
    chat.answers.create_group = {};
    await page.create('crew', { title: '山の会', isInviteOnly: true });
    await page.create('team', { title: '', isInviteOnly: false });
    expect(asked('create_group')).toEqual([
      { type: 'create_group', group_name: 'crew', title: '山の会', invite_only: true },
      { type: 'create_group', group_name: 'team' },
    ]);
  });

  test('says what has happened only for as long as it is so', async () => {
    const removed = () => {
      chat.emit('chat-left', { chat_id: '#team' });
      chat.emit('REMOVED', { type: 'REMOVED', group_id: 'team', by: 'bob' });
      return page.notice;
    };
    const owner = (name: string, group_id = 'team') => {
      chat.emit('OWNER_CHANGED', { type: 'OWNER_CHANGED', group_id, owner: name } as never);
      return page.notice;
    };
    const isListed = async () => {
      chat.summaries = [aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
      await page.refresh();
      return page.notice;
    };
    expect(removed()).not.toBe('');
    expect(await isListed()).toBe('');
    expect(owner('alice')).toBe('You own \u2068team\u2069 now.');
    expect(owner('carol', 'club')).toBe('You own \u2068team\u2069 now.');
    expect(owner('bob')).toBe('');
    chat.emit('chat-left', { chat_id: '#team' });
    page.say('You are not a member of team.', { invitation: 'team' });
    expect(page.notice).not.toBe('');
    expect(await isListed()).toBe('');
  });

  test('says that its user is out of a group, and who removed them, but not what they did themselves', async () => {
    const out = (type: 'REMOVED' | 'LEFT') => {
      chat.emit('chat-left', { chat_id: '#team' });
      chat.emit(type, { type, group_id: 'team', ...(type === 'REMOVED' && { by: 'bob' }) } as never);
    };
    out('REMOVED');
    expect(page.isNews).toBe(true);
    expect(page.notice).toBe('\u2068bob\u2069 removed you from \u2068team\u2069.');
    // The client has asked once more, for a reply that came late.
    chat.emit('chat-left', { chat_id: '#team' });
    expect(page.notice).toBe('\u2068bob\u2069 removed you from \u2068team\u2069.');
    out('LEFT');
    expect(page.notice).toBe('');
    // While the page was away.
    chat.emit('chat-left', { chat_id: '#team' });
    expect(page.notice).toBe('You are not in \u2068team\u2069 any more.');
  });

  test('looks who is there when somebody writes who was not', async () => {
    chat.answers.list_members = { members: [{ username: 'bob', online: true, role: 'owner' }] };
    await page.show({ id: '#team', kind: 'group', name: 'team' });
    const before = asked('list_members').length;
    chat.emit('message', aMessage(1, inGroup({ sender: 'bob' })));
    expect(asked('list_members')).toHaveLength(before);
    chat.emit('message', aMessage(2, inGroup({ sender: 'carol' })));
    expect(asked('list_members')).toHaveLength(before + 1);
  });

  test('says in words why it ended', () => {
    const ended: string[] = [];
    page.onEnd((reason) => ended.push(reason));
    chat.become('closed', 'invalid_credentials');
    expect(ended).toEqual(['Wrong username or password.']);
  });
});
