import { beforeEach, expect, test } from 'vitest';
import { type Code, RequestError } from '../../../clients/sdk/chat.ts';
import { Invitations, MOST_RECENT } from '../../../clients/view/invitations.ts';
import { FakeChat } from '../terminal/fake-chat.ts';

let chat: FakeChat;
let invitations: Invitations;
/** As the service has them: group → when. */
let open: Map<string, string>;
/** What happens while a page is read. */
let meanwhile: () => void;
/** What it says to who declines. */
let refusal: Code | undefined;

beforeEach(() => {
  chat = new FakeChat();
  open = new Map();
  meanwhile = () => {};
  chat.request = async (request) => {
    chat.asked.push(request);
    const { type, after = '', group_id } = request as { type: string; after?: string; group_id?: string };
    if (type === 'leave_group') {
      if (refusal) throw new RequestError(refusal, 'No.');
      open.delete(group_id ?? '');
      return {} as never;
    }
    const groups = [...open].sort().filter(([group]) => group > after);
    const page = groups.slice(0, PAGE);
    meanwhile();
    return {
      invitations: page.map(([group, timestamp]) => ({ group_id: group, by: 'bob', timestamp, title: 'T' })),
      ...(groups.length > PAGE && { next: { after: page.at(-1)?.[0] } }),
    } as never;
  };
  refusal = undefined;
  invitations = new Invitations(chat, () => {});
});

const PAGE = 2;
const groups = () => invitations.list.map(({ group }) => group);
const pagesRead = () =>
  chat.asked.filter((each) => 'type' in each && each.type === 'list_invitations').length;
const tell = (type: 'INVITED' | 'UNINVITED' | 'JOINED' | 'LEFT', group_id: string) =>
  chat.emit(type, { type, group_id, by: 'bob' } as never);
/** On a day of January. */
const on = (day: number) => `2026-01-0${day}T00:00:00.000Z`;

test('a connection reads one page, newest first, and the user asks for more', async () => {
  open = new Map([
    ['alps', on(1)],
    ['crew', on(3)],
    ['dogs', on(2)],
    ['eels', on(5)],
    ['team', on(4)],
  ]);
  chat.become('online');
  await expect.poll(groups).toEqual(['crew', 'alps']);
  expect([pagesRead(), invitations.hasMore]).toEqual([1, true]);
  expect(invitations.list[0]).toEqual({ group: 'crew', by: 'bob', at: on(3), title: 'T' });
  await invitations.more();
  expect(groups()).toEqual(['eels', 'crew', 'dogs', 'alps']);
  await invitations.more();
  expect([groups(), invitations.hasMore]).toEqual([['eels', 'team', 'crew', 'dogs', 'alps'], false]);
  await invitations.more();
  expect(pagesRead()).toBe(3);
});

test('the next connection corrects what it reads, and keeps what is known of other pages', async () => {
  open = new Map([
    ['alps', on(1)],
    ['crew', on(3)],
    ['dogs', on(2)],
  ]);
  await invitations.refresh();
  await invitations.more();
  open.delete('alps');
  open.delete('dogs');
  open.set('band', on(4));
  open.set('zebra', on(1));
  chat.become('waiting', 'connection_lost');
  chat.become('online');
  await expect.poll(groups).toEqual(['band', 'crew', 'dogs']);
  await invitations.more();
  expect(groups()).toEqual(['band', 'crew', 'zebra']);
});

test('a page that was asked for before the next connection leaves its place to that', async () => {
  for (const [index, group] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) open.set(group, on(index + 1));
  await invitations.refresh();
  await invitations.more();
  await Promise.all([invitations.more(), invitations.refresh()]);
  await invitations.more();
  expect(chat.asked.at(-1)).toEqual({ type: 'list_invitations', after: 'b' });
});

test('one that comes while they are read is not lost, and one that is answered does not come back', async () => {
  open = new Map([
    ['alps', on(1)],
    ['band', on(2)],
  ]);
  meanwhile = () => {
    meanwhile = () => {};
    open.set('b', on(3));
    tell('INVITED', 'b');
    open.delete('alps');
    tell('JOINED', 'alps');
  };
  await invitations.refresh();
  expect(groups()).toEqual(['b', 'band']);
});

test('one that comes gets its title, wherever it is among others, asked for once', async () => {
  for (const group of ['alps', 'band', 'crew', 'dogs', 'eels']) open.set(group, on(1));
  tell('INVITED', 'dogs');
  expect(invitations.list).toEqual([{ group: 'dogs', by: 'bob' }]);
  await expect.poll(() => invitations.list[0]).toEqual({ group: 'dogs', by: 'bob', at: on(1), title: 'T' });
  // Withdrawn at once.
  tell('INVITED', 'gone');
  await expect.poll(groups).toEqual(['dogs', 'eels']);
  expect(pagesRead()).toBe(2);
});

test('of many that come at once, only those in sight are asked for', async () => {
  const all = Array.from({ length: 50 }, (_, index) => `g${index}`);
  const failing = chat.request;
  chat.request = async (request) => {
    await failing(request);
    throw new RequestError('busy', 'Later.');
  };
  for (const group of all) tell('INVITED', group);
  await expect.poll(pagesRead).toBe(MOST_RECENT + 1);
  expect(groups()).toEqual(all.reverse());
});

test('one is there once, until it is answered here or elsewhere, or withdrawn', async () => {
  for (const group of ['a', 'b', 'c', 'd', 'a']) {
    open.set(group, on(1));
    tell('INVITED', group);
  }
  expect(groups()).toEqual(['a', 'd', 'c', 'b']);
  tell('JOINED', 'a');
  tell('LEFT', 'b');
  tell('UNINVITED', 'c');
  expect(groups()).toEqual(['d']);
  invitations.entered(new Set(['#d', '#x']));
  expect(groups()).toEqual([]);
});

test('declining tells the service, and what is withdrawn already goes, too', async () => {
  open = new Map([['crew', on(1)]]);
  await invitations.refresh();
  for (const code of ['not_a_member', 'unknown_group'] as const) {
    refusal = code;
    tell('INVITED', 'gone');
    await invitations.decline('gone');
    expect(groups()).toEqual(['crew']);
  }
  refusal = 'busy';
  await expect(invitations.decline('crew')).rejects.toMatchObject({ code: 'busy' });
  expect(groups()).toEqual(['crew']);
  refusal = undefined;
  await invitations.decline('crew');
  expect([groups(), open.size]).toEqual([[], 0]);
});

test('what comes is told: a push, and with the next connection what came without one, newest first', async () => {
  const told: (string | undefined)[][] = [];
  const stop = invitations.onCome((come) => told.push(come.map(({ group }) => group)));
  open.set('alps', on(1));
  chat.become('online');
  await expect.poll(groups).toEqual(['alps']);
  // What was there before is in the list.
  expect([told, invitations.isRead]).toEqual([[], true]);
  open.set('boat', on(2));
  tell('INVITED', 'boat');
  expect(told.splice(0)).toEqual([['boat']]);
  await invitations.refresh();
  expect(told).toEqual([]);
  // Without a connection: one is withdrawn, and two come, one of them again.
  tell('LEFT', 'alps');
  open = new Map([
    ['alps', on(3)],
    ['away', on(4)],
  ]);
  chat.become('waiting');
  chat.become('online');
  await expect.poll(groups).toEqual(['away', 'alps']);
  expect(told.splice(0)).toEqual([['away', 'alps']]);
  stop();
  tell('INVITED', 'crew');
  expect(told).toEqual([]);
});

test('of what no page has reached, nothing is told to have come, and what is pushed while a page is read, once', async () => {
  const told: (string | undefined)[][] = [];
  invitations.onCome((come) => told.push(come.map(({ group }) => group)));
  open = new Map([
    ['alps', on(1)],
    ['boat', on(1)],
    ['dogs', on(1)],
    ['eels', on(1)],
  ]);
  await invitations.refresh();
  // The first page reaches further now.
  open.delete('alps');
  open.set('crew', on(2));
  await invitations.refresh();
  await invitations.more();
  expect([groups().sort(), told]).toEqual([['boat', 'crew', 'dogs', 'eels'], []]);
  open.set('cats', on(3));
  meanwhile = () => {
    meanwhile = () => {};
    tell('INVITED', 'cats');
  };
  await invitations.refresh();
  expect(told.splice(0)).toEqual([['cats']]);
  open.set('away', on(4));
  await invitations.refresh();
  expect(told).toEqual([['away']]);
});
