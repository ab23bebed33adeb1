import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Store } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import type { Peer } from './fake-server.ts';
import { aClient, fromBob, next, online, partOfIt, pushFromBob, receipt, told } from './given.ts';

const HOUR = 3_600_000;

/** A message of ann's to bob, as history has it. */
const mine = (seq: number, more: object = {}) => fromBob(seq, { sender: 'ann', recipient: 'bob', ...more });

/** The entry of an edit of ann's, as a page has it. */
const edited = (seq: number, edits: number, content: string, id: string) =>
  mine(seq, { edits, content, client_message_id: id });

/** A client that has sent one message, `first`, which has seq 1. */
async function afterOne(options: Parameters<typeof online>[0] = {}) {
  const given = await online(options);
  const { chat, peer } = given;
  const sending = chat.send('bob', 'first');
  await peer.answer('SEND_MESSAGE', receipt(1));
  await sending.message;
  return given;
}

/** Answers the question for what follows the cursor. */
const brings = (peer: Peer, ...messages: object[]) => peer.answer('fetch_history', { messages });

/** What is in a store about unsent messages and changes. */
const unsent = (store: Store) =>
  partOfIt(store)
    .keys('ann/o/')
    .map((key) => partOfIt(store).get(key));

test('of a program with changes, one without them sends nothing, and leaves it where it is', async () => {
  const store = memoryStore();
  const { chat, peer, server } = await afterOne({ store });
  chat.edit('bob', 1, 'second');
  await peer.next('edit_message');
  chat.delete('erin', 7, HOUR);
  const sending = chat.send('carol', 'hi');
  const asked = await peer.next('SEND_MESSAGE');
  chat.edit('carol', sending.id, 'hello');
  chat.close();
  const left = unsent(store);
  expect(left).toHaveLength(3);
  const other = aClient(server, { store, changes: undefined });
  expect(other.sendings).toEqual([]);
  const { peer: its } = await server.nextLoggedIn();
  other.send('dave', 'more');
  const stored = { ...receipt(1), chat_id: 'ann:dave' };
  expect(await its.answer('SEND_MESSAGE', stored)).toMatchObject({ recipient: 'dave' });
  await expect.poll(() => other.sendings).toEqual([]);
  other.close();
  expect(unsent(store)).toEqual(left);
  aClient(server, { store });
  const { peer: next } = await server.nextLoggedIn();
  const frames = [await next.any(), await next.any(), await next.any()];
  expect(frames.map(({ type }) => type).sort()).toEqual(['SEND_MESSAGE', 'delete_message', 'edit_message']);
  expect(frames).toContainEqual(expect.objectContaining({ client_message_id: asked.client_message_id }));
});

describe('an edit', () => {
  test('is pending with the text as it will be, until the log brings its entry', async () => {
    const store = memoryStore();
    const { chat, peer } = await afterOne({ store });
    const texts = told(chat);
    const sending = chat.edit('Bob', 1, 'second');
    expect(sending).toMatchObject({ status: 'pending', to: 'bob', target: 1, content: 'second' });
    expect(sending).toMatchObject({ isDeletion: false, canUndo: false });
    const asked = await peer.answer('edit_message', receipt(2));
    expect({ ...asked, request_id: '' }).toEqual({
      ...{ type: 'edit_message', chat: 'ann:bob', seq: 1, content: 'second', request_id: '' },
      ...{ client_message_id: sending.id, after_seq: 1 },
    });
    const repair = await peer.next('fetch_history');
    expect([sending.status, unsent(store).length]).toEqual(['pending', 1]);
    // Another device's edit came after it, so the entry carries that one's text.
    const entry = edited(2, 1, 'third', sending.id);
    peer.reply(repair, { messages: [entry] });
    expect(await sending.message).toEqual(entry);
    expect(sending.status).toBe('sent');
    expect([texts, chat.sendings, unsent(store)]).toEqual([['third'], [], []]);
  });

  test('in a group names the group by its id', async () => {
    const { chat, peer } = await online();
    chat.edit({ group: 'Team' }, 7, 'second');
    await peer.answer('fetch_history', { messages: [fromBob(9)] });
    expect(await peer.next('edit_message')).toMatchObject({ chat: '#team', seq: 7, after_seq: 9 });
  });

  test('of a chat whose log is unknown begins at the message', async () => {
    const { chat, peer } = await online();
    chat.edit('bob', 7, 'second');
    expect(await peer.next('edit_message')).toMatchObject({ chat: 'ann:bob', after_seq: 7 });
  });

  test('is sent again with the same key after a lost connection and after a restart', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    const { id } = chat.edit('bob', 1, 'second');
    const first = await peer.next('edit_message');
    peer.cut();
    const { peer: again } = await server.nextLoggedIn();
    const second = await again.next('edit_message');
    expect({ ...second, request_id: '' }).toEqual({ ...first, request_id: '' });
    chat.close();
    const after = aClient(server, { store });
    expect(after.sendings).toMatchObject([{ id, target: 1, content: 'second', status: 'pending' }]);
    const { peer: later } = await server.nextLoggedIn();
    const third = await later.next('edit_message');
    expect({ ...third, request_id: '' }).toEqual({ ...first, request_id: '' });
  });

  test('that the log has brought already is sent with the reply', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    const { id } = chat.edit('bob', 1, 'second');
    await peer.next('edit_message');
    const kept = partOfIt(store)
      .keys('ann/o/')
      .map((key) => [key, partOfIt(store).get(key)] as const);
    const isTold = next(chat, 'message');
    peer.push({ type: 'MESSAGE_EDITED', ...edited(2, 1, 'second', id) });
    await isTold;
    expect(chat.sendings).toEqual([]);
    chat.close();
    // As another tab would have left it that ended before the entry came.
    for (const [key, value] of kept) partOfIt(store).set(key, value);
    const [sending] = aClient(server, { store }).sendings;
    const { peer: later } = await server.nextLoggedIn();
    await later.answer('edit_message', receipt(2));
    expect(await sending?.message).toMatchObject({ seq: 2, edits: 1, content: 'second' });
  });

  test('of what is being edited replaces the text that was never sent, and follows one that was', async () => {
    const { chat, peer } = await afterOne();
    const sending = chat.edit('bob', 1, 'second');
    expect(chat.edit('bob', 1, 'third')).toBe(sending);
    const asked = await peer.next('edit_message');
    expect(asked).toMatchObject({ content: 'third' });
    expect(chat.edit('bob', 1, 'fourth')).toBe(sending);
    chat.edit('bob', 1, 'fifth');
    expect(chat.sendings).toMatchObject([{ content: 'fifth', status: 'pending' }]);
    peer.reply(asked, receipt(2));
    await brings(peer, edited(2, 1, 'third', sending.id));
    await sending.message;
    const [follower] = chat.sendings;
    expect(follower).toMatchObject({ target: 1, content: 'fifth' });
    expect(await peer.next('edit_message')).toMatchObject({
      ...{ content: 'fifth', after_seq: 2, client_message_id: follower?.id },
    });
  });

  test('goes out behind the messages before it in its chat', async () => {
    const { chat, peer } = await afterOne();
    chat.send('bob', 'other');
    chat.edit('bob', 1, 'second');
    const first = await peer.next('SEND_MESSAGE');
    peer.reply(first, receipt(2));
    expect(await peer.next('edit_message')).toMatchObject({ after_seq: 2 });
  });

  test('that is refused keeps its text, can be sent again, and is replaced by the next one', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    const sending = chat.edit('bob', 1, 'second');
    peer.refuse(await peer.next('edit_message'), 'limit_reached');
    await expect(sending.message).rejects.toMatchObject({ code: 'limit_reached' });
    chat.close();
    const after = aClient(server, { store });
    const failed = { id: sending.id, status: 'failed', target: 1, content: 'second' };
    expect(after.sendings).toMatchObject([failed]);
    after.retry(sending.id);
    const { peer: later } = await server.nextLoggedIn();
    const again = await later.next('edit_message');
    expect(again).toMatchObject({ client_message_id: sending.id, content: 'second' });
    later.refuse(again, 'limit_reached');
    await vi.waitUntil(() => after.sendings[0]?.status === 'failed', 60_000);
    const replaced = after.edit('bob', 1, 'third');
    expect(after.sendings).toEqual([replaced]);
    expect(await later.next('edit_message')).toMatchObject({
      ...{ client_message_id: replaced.id, content: 'third' },
    });
  });

  test.each([
    ['without a text', '', 'bad_request'],
    ['of more than 16 KiB', 'é'.repeat(8193), 'content_too_large'],
  ])('%s is refused by the client itself', async (_, content, code) => {
    const { chat } = await afterOne();
    const sending = chat.edit('bob', 1, content);
    await expect(sending.message).rejects.toMatchObject({ code });
    expect(chat.sendings).toEqual([sending]);
  });

  test('ends with the membership of its group', async () => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const sending = chat.edit({ group: 'team' }, 7, 'second');
    chat.edit('bob', 7, 'other');
    const left = next(chat, 'chat-left');
    peer.push({ type: 'LEFT', group_id: 'team', groupname: 'team' });
    await left;
    await expect(sending.message).rejects.toMatchObject({ code: 'discarded' });
    expect(chat.sendings).toMatchObject([{ to: 'bob' }]);
    expect(unsent(store)).toHaveLength(1);
  });
});

describe('a deletion', () => {
  test('is sent once and told like any other entry', async () => {
    const store = memoryStore();
    const { chat, peer } = await afterOne({ store });
    const isTold = next(chat, 'message');
    const sending = chat.delete('bob', 1);
    expect(sending).toMatchObject({ status: 'pending', target: 1, content: '', isDeletion: true });
    const asked = await peer.answer('delete_message', receipt(2));
    expect(asked).not.toHaveProperty('content');
    expect(asked).toMatchObject({ chat: 'ann:bob', seq: 1, after_seq: 1, client_message_id: sending.id });
    expect(await isTold).toMatchObject({ seq: 2, deletes: 1, content: '', sender: 'ann' });
    expect(await sending.message).toMatchObject({ seq: 2, deletes: 1 });
    expect([chat.sendings, unsent(store)]).toEqual([[], []]);
    expect(JSON.stringify(store.keys('').map((key) => store.get(key)))).not.toContain('first');
  });

  test('can be undone until it is sent', async () => {
    const { chat, peer } = await afterOne();
    const sending = chat.delete('bob', 1, HOUR);
    expect(sending).toMatchObject({ status: 'pending', canUndo: true });
    // It holds up nothing.
    const other = chat.send('bob', 'next');
    await peer.answer('SEND_MESSAGE', receipt(2));
    await other.message;
    chat.undo(sending.id);
    await expect(sending.message).rejects.toMatchObject({ code: 'discarded' });
    expect(chat.sendings).toEqual([]);
    const late = chat.delete('bob', 1, HOUR);
    const states: boolean[] = [];
    chat.on('sending', ({ canUndo }) => states.push(canUndo));
    chat.flush();
    const asked = await peer.next('delete_message');
    expect(states).toEqual([false]);
    chat.undo(late.id);
    expect(chat.sendings).toEqual([late]);
    peer.reply(asked, receipt(3));
    expect(await late.message).toMatchObject({ deletes: 1 });
  });

  test('that nobody undoes goes out when its time is over', async () => {
    const { chat, peer } = await afterOne();
    chat.delete('bob', 1, 5);
    expect(await peer.next('delete_message')).toMatchObject({ seq: 1 });
  });

  test('that waits for an undo when the program ends goes out when it starts again', async () => {
    const store = memoryStore();
    const { server, chat } = await afterOne({ store });
    const { id } = chat.delete('bob', 1, HOUR);
    chat.close();
    const after = aClient(server, { store });
    expect(after.sendings).toMatchObject([{ id, isDeletion: true, target: 1 }]);
    const { peer } = await server.nextLoggedIn();
    expect(await peer.next('delete_message')).toMatchObject({ client_message_id: id });
  });

  test('asked for again is the same one', async () => {
    const { chat } = await afterOne();
    const sending = chat.delete('bob', 1, HOUR);
    expect(chat.delete('bob', 1, HOUR)).toBe(sending);
    expect(chat.edit('bob', 1, 'second')).toBe(sending);
    expect(sending).toMatchObject({ isDeletion: true, content: '' });
  });

  test('wins over an edit that waits, which comes back if it is undone', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    peer.cut();
    const edit = chat.edit('bob', 1, 'second');
    const edits = next(chat, 'sending');
    expect(chat.delete('bob', 1, HOUR)).toBe(edit);
    await edits;
    expect(edit).toMatchObject({ isDeletion: true, canUndo: true, content: '' });
    chat.undo(edit.id);
    expect(edit).toMatchObject({ isDeletion: false, canUndo: false, content: 'second' });
    chat.delete('bob', 1);
    const { peer: later } = await server.nextLoggedIn();
    expect(await later.next('delete_message')).toMatchObject({ seq: 1 });
    await expect(edit.message).rejects.toMatchObject({ code: 'discarded' });
    expect(unsent(store).join()).not.toContain('second');
  });

  test('wins over an edit that was refused, which comes back as refused if it is undone', async () => {
    const { chat, peer } = await afterOne();
    const edit = chat.edit('bob', 1, 'second');
    peer.refuse(await peer.next('edit_message'), 'limit_reached');
    await expect(edit.message).rejects.toMatchObject({ code: 'limit_reached' });
    chat.delete('bob', 1, HOUR);
    expect(edit).toMatchObject({ isDeletion: true, canUndo: true });
    chat.undo(edit.id);
    expect(chat.sendings).toMatchObject([{ status: 'failed', isDeletion: false, content: 'second' }]);
    chat.delete('bob', 1);
    await peer.answer('delete_message', receipt(2));
    await vi.waitUntil(() => chat.sendings.length === 0, 60_000);
  });

  test('waits for an edit that is under way', async () => {
    const { chat, peer } = await afterOne();
    const edit = chat.edit('bob', 1, 'second');
    const asked = await peer.next('edit_message');
    chat.delete('bob', 1);
    peer.reply(asked, receipt(2));
    await brings(peer, edited(2, 1, 'second', edit.id));
    expect(await peer.answer('delete_message', receipt(3))).toMatchObject({ seq: 1, after_seq: 2 });
    await vi.waitUntil(() => chat.sendings.length === 0, 60_000);
  });

  test('of what is deleted already is done', async () => {
    const store = memoryStore();
    const { chat, peer } = await afterOne({ store });
    const sending = chat.delete('bob', 1);
    peer.refuse(await peer.next('delete_message'), 'unknown_message');
    await expect(sending.message).rejects.toMatchObject({ code: 'unknown_message' });
    expect([chat.sendings, unsent(store)]).toEqual([[], []]);
  });

  test('that is refused is kept, and can be tried again', async () => {
    const { chat, peer } = await afterOne();
    const sending = chat.delete('bob', 1);
    peer.refuse(await peer.next('delete_message'), 'not_a_member');
    await expect(sending.message).rejects.toMatchObject({ code: 'not_a_member' });
    expect(chat.sendings).toEqual([sending]);
    const again = chat.delete('bob', 1);
    expect(chat.sendings).toEqual([again]);
    await peer.answer('delete_message', receipt(2));
    await again.message;
  });

  test('leaves no text in the file of a store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-changes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'store');
    const { chat, peer } = await afterOne({ store: fileStore(path) });
    chat.edit('bob', 1, 'second');
    expect(readFileSync(path, 'utf8')).toContain('second');
    const sending = chat.delete('bob', 1, HOUR);
    const [entry] = [next(chat, 'message')];
    chat.flush();
    for (;;) {
      const frame = await peer.any();
      if (frame.type === 'edit_message') peer.reply(frame, receipt(2));
      if (frame.type === 'fetch_history') peer.reply(frame, { messages: [edited(2, 1, '', sending.id)] });
      if (frame.type !== 'delete_message') continue;
      peer.reply(frame, receipt(Number(frame.after_seq) + 1));
      break;
    }
    await entry;
    await vi.waitUntil(() => chat.sendings.length === 0, 60_000);
    expect(readFileSync(path, 'utf8')).not.toMatch(/first|second/);
  });
});

describe('of a message that is not sent yet', () => {
  /** A client without a connection that has said something. */
  async function inATunnel() {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    peer.cut();
    await next(chat, 'state', ({ state }) => state === 'waiting');
    const back = await server.next();
    const sending = chat.send('bob', 'hello');
    /** Lets it log in. */
    const comesBack = async () => {
      const login = await back.next('login');
      back.reply(login, { username: 'ann', pending_messages: [], groups: [] });
      back.push({ type: 'sync_response', status: 'sync_success', messages: [], more: false });
      return back;
    };
    return { store, server, chat, sending, comesBack };
  }

  /** One that the server may have. */
  async function underWay() {
    const store = memoryStore();
    const { server, chat, peer } = await afterOne({ store });
    const sending = chat.send('bob', 'hello');
    const asked = await peer.next('SEND_MESSAGE');
    return { store, server, chat, peer, sending, asked };
  }

  test('an edit changes it', async () => {
    const { chat, sending, comesBack } = await inATunnel();
    expect(chat.edit('bob', sending.id, 'hello!')).toBe(sending);
    expect(chat.sendings).toMatchObject([{ content: 'hello!', status: 'pending' }]);
    const peer = await comesBack();
    const asked = await peer.answer('SEND_MESSAGE', receipt(2));
    expect(asked).toMatchObject({ content: 'hello!', client_message_id: sending.id });
    expect(await sending.message).toMatchObject({ content: 'hello!' });
    expect(chat.sendings).toEqual([]);
  });

  test('a deletion discards it, without a connection', async () => {
    const { store, chat, sending, comesBack } = await inATunnel();
    chat.send('bob', 'next');
    expect(chat.delete('bob', sending.id, HOUR)).toBe(sending);
    expect(sending).toMatchObject({ isDeletion: true, canUndo: true, content: '' });
    chat.undo(sending.id);
    expect(sending).toMatchObject({ isDeletion: false, content: 'hello' });
    chat.delete('bob', sending.id);
    const peer = await comesBack();
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ content: 'next' });
    await expect(sending.message).rejects.toMatchObject({ code: 'discarded' });
    expect(unsent(store).join()).not.toContain('hello');
  });

  test('a deletion that waits for an undo holds it back', async () => {
    const { chat, sending, comesBack } = await inATunnel();
    chat.delete('bob', sending.id, HOUR);
    chat.send('bob', 'next');
    const peer = await comesBack();
    await peer.answer('SEND_MESSAGE', receipt(2));
    chat.undo(sending.id);
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ content: 'hello' });
  });

  test('an edit and a deletion wait for its seq if it may be stored, also over a restart', async () => {
    const { store, server, chat, peer, sending } = await underWay();
    chat.edit('bob', sending.id, 'hello!');
    expect(sending).toMatchObject({ content: 'hello!', target: undefined });
    peer.cut();
    chat.close();
    const after = aClient(server, { store });
    expect(after.sendings).toMatchObject([{ content: 'hello!', isDeletion: false }]);
    const { peer: later } = await server.nextLoggedIn();
    const again = await later.answer('SEND_MESSAGE', receipt(2));
    expect(again).toMatchObject({ content: 'hello', client_message_id: sending.id });
    const edit = await later.next('edit_message');
    expect(edit).toMatchObject({ seq: 2, content: 'hello!', after_seq: 2 });
    expect(after.sendings).toMatchObject([{ target: 2, content: 'hello!', id: edit.client_message_id }]);
    after.delete('bob', 2);
    later.reply(edit, receipt(3));
    await brings(later, edited(3, 2, 'hello!', String(edit.client_message_id)));
    expect(await later.next('delete_message')).toMatchObject({ seq: 2, after_seq: 3 });
  });

  test('a deletion drops the edit before it', async () => {
    const { store, chat, peer, sending, asked } = await underWay();
    chat.edit('bob', sending.id, 'hello!');
    chat.delete('bob', sending.id);
    peer.reply(asked, receipt(2));
    expect(await peer.answer('delete_message', receipt(3))).toMatchObject({ seq: 2 });
    await vi.waitUntil(() => chat.sendings.length === 0, 60_000);
    expect(unsent(store)).toEqual([]);
  });

  test('a program that dies once it is stored repeats the edit under the same key', async () => {
    const { store, server, chat, peer, sending, asked } = await underWay();
    chat.edit('bob', sending.id, 'hello!');
    const [key = ''] = partOfIt(store).keys('ann/o/');
    const kept = partOfIt(store).get(key);
    peer.reply(asked, receipt(2));
    const { client_message_id } = await peer.next('edit_message');
    chat.close();
    // It died before the message was removed.
    partOfIt(store).set(key, kept);
    const after = aClient(server, { store });
    const { peer: later } = await server.nextLoggedIn();
    const [one, other] = after.sendings.map(({ target }) => (target ? 'edit_message' : 'SEND_MESSAGE'));
    expect([one, other].sort()).toEqual(['SEND_MESSAGE', 'edit_message']);
    const edit = { client_message_id, seq: 2, content: 'hello!' };
    // Their keys are of the same place.
    for (let left = 2; left > 0; ) {
      const frame = await later.any();
      if (frame.type === 'fetch_history')
        later.reply(frame, { messages: [mine(2), edited(3, 2, 'hello!', String(client_message_id))] });
      else left--;
      if (frame.type === 'edit_message') expect(frame).toMatchObject(edit);
      if (frame.type !== 'fetch_history') later.reply(frame, receipt(frame.type === 'edit_message' ? 3 : 2));
    }
    await brings(later, mine(2), edited(3, 2, 'hello!', String(client_message_id)));
    await vi.waitUntil(() => after.sendings.length === 0, 60_000);
  });

  test('one that failed is sent anew by an edit, and discarded by a deletion', async () => {
    const { chat, peer, sending, asked } = await underWay();
    peer.refuse(asked, 'unknown_recipient');
    await expect(sending.message).rejects.toMatchObject({ code: 'unknown_recipient' });
    const anew = chat.edit('bob', sending.id, 'hello!');
    expect(chat.sendings).toEqual([anew]);
    const again = await peer.next('SEND_MESSAGE');
    expect(again).toMatchObject({ content: 'hello!', client_message_id: anew.id });
    peer.refuse(again, 'unknown_recipient');
    await expect(anew.message).rejects.toMatchObject({ code: 'unknown_recipient' });
    chat.delete('bob', anew.id);
    await vi.waitUntil(() => chat.sendings.length === 0, 60_000);
  });

  test('too long a text is kept as refused, and not sent in its place', async () => {
    const { chat, sending, comesBack } = await inATunnel();
    chat.edit('bob', sending.id, 'é'.repeat(8193));
    chat.send('bob', 'next');
    expect(sending).toMatchObject({ status: 'failed', error: { code: 'content_too_large' } });
    const peer = await comesBack();
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ content: 'next' });
  });

  test('an unknown one is none', async () => {
    const { chat } = await afterOne();
    expect(() => chat.edit('bob', 'an id', 'x')).toThrow(
      expect.objectContaining({ code: 'unknown_message' }),
    );
    expect(() => chat.delete('bob', 'an id')).toThrow(expect.objectContaining({ code: 'unknown_message' }));
  });
});

describe('of two tabs on one store', () => {
  /** Two that have loaded the same unsent messages, and have no connection yet. */
  async function twoTabs(say: (chat: ReturnType<typeof aClient>) => unknown) {
    const store = memoryStore();
    const { server, chat } = await afterOne({ store });
    chat.close();
    const first = aClient(server, { store });
    const one = await server.next();
    say(first);
    const other = aClient(server, { store });
    const two = await server.next();
    const login = async (peer: Peer) => {
      const frame = await peer.next('login');
      peer.reply(frame, { username: 'ann', pending_messages: [], groups: [] });
      peer.push({ type: 'sync_response', status: 'sync_success', messages: [], more: false });
    };
    return { store, server, first, other, one, two, login };
  }

  test('both send a change under one key', async () => {
    const { first, one, two, login } = await twoTabs((chat) => chat.edit('bob', 1, 'second'));
    await login(one);
    const asked = await one.next('edit_message');
    await login(two);
    expect({ ...(await two.next('edit_message')), request_id: '' }).toEqual({ ...asked, request_id: '' });
    expect(first.sendings).toHaveLength(1);
  });

  test('what one has edited before it was sent, the other sends as edited', async () => {
    const { first, other, two, login } = await twoTabs((chat) => chat.send('bob', 'hello'));
    const [sending] = first.sendings;
    first.edit('bob', sending?.id ?? '', 'hello!');
    await login(two);
    expect(await two.next('SEND_MESSAGE')).toMatchObject({ content: 'hello!' });
    expect(other.sendings).toMatchObject([{ content: 'hello!' }]);
  });

  test('what one has discarded, the other does not send', async () => {
    const { first, other, two, login } = await twoTabs((chat) => chat.send('bob', 'hello'));
    const [sending] = first.sendings;
    first.delete('bob', sending?.id ?? '');
    other.send('bob', 'next');
    await login(two);
    expect(await two.next('SEND_MESSAGE')).toMatchObject({ content: 'next' });
    expect(other.sendings).toMatchObject([{ content: 'next' }]);
  });

  test('what one has undone, the other does not delete', async () => {
    const { first, other, two, login } = await twoTabs((chat) => chat.delete('bob', 1, HOUR));
    const [sending] = first.sendings;
    first.undo(sending?.id ?? '');
    other.send('bob', 'next');
    await login(two);
    expect(await two.next('SEND_MESSAGE')).toMatchObject({ content: 'next' });
  });

  test('an edit in one of what the other is sending follows in both under one key', async () => {
    const { store, first, other, one, two, login } = await twoTabs((chat) => chat.send('bob', 'hello'));
    await login(one);
    const asked = await one.next('SEND_MESSAGE');
    const [theirs] = other.sendings;
    other.edit('bob', theirs?.id ?? '', 'hello!');
    expect(theirs).toMatchObject({ content: 'hello!', target: undefined });
    one.reply(asked, receipt(2));
    const edit = await one.next('edit_message');
    expect(edit).toMatchObject({ seq: 2, content: 'hello!' });
    expect(first.sendings).toMatchObject([{ target: 2, content: 'hello!' }]);
    await login(two);
    two.push(pushFromBob(2, { ...mine(2, { client_message_id: theirs?.id }), content: 'hello' }));
    const frames = [await two.any()];
    if (frames[0]?.type === 'SEND_MESSAGE') {
      two.reply(frames[0], receipt(2));
      frames.push(await two.any());
    }
    expect(frames.at(-1)).toMatchObject({ type: 'edit_message', client_message_id: edit.client_message_id });
    expect(unsent(store)).toHaveLength(1);
  });

  test('a store that somebody erased takes nothing from what is open', async () => {
    const { store, two, other } = await twoTabs((chat) => chat.send('bob', 'hello'));
    for (const key of store.keys('')) store.set(key, undefined);
    expect(other.sendings).toHaveLength(1);
    await two.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    await two.answer('list_chats', { chats: [] });
    expect(await two.next('SEND_MESSAGE')).toMatchObject({ content: 'hello' });
  });
});
