import { beforeEach, expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { Invitations } from '../../../clients/view/invitations.ts';
import { FakeChat } from '../terminal/fake-chat.ts';

let chat: FakeChat;
let invitations: Invitations;
/** As the service has them: group → when. */
let open: Map<string, string>;
/** What happens while a page is read. */
let meanwhile: () => void;

beforeEach(() => {
  chat = new FakeChat();
  open = new Map();
  meanwhile = () => {};
  chat.request = async (request) => {
    chat.asked.push(request);
    const { type, after = '', group_id } = request as { type: string; after?: string; group_id?: string };
    if (type === 'leave_group') {
      if (!open.delete(group_id ?? '')) throw new RequestError('not_a_member', 'No.');
      return {} as never;
    }
    const groups = [...open].sort().filter(([group]) => group > after);
    const [first] = groups;
    meanwhile();
    return {
      invitations: first ? [{ group_id: first[0], by: 'bob', timestamp: first[1], title: 'T' }] : [],
      ...(groups.length > 1 && { next: { after: first?.[0] } }),
    } as never;
  };
  invitations = new Invitations(chat, () => {});
});

const groups = () => invitations.list.map(({ group }) => group);
const tell = (type: 'INVITED' | 'UNINVITED' | 'JOINED' | 'LEFT', group_id: string) =>
  chat.emit(type, { type, group_id, by: 'bob' } as never);

test('those of before are read at each login, all pages of them, newest first', async () => {
  open = new Map([
    ['alps', '2026-01-01T00:00:00.000Z'],
    ['crew', '2026-01-03T00:00:00.000Z'],
    ['team', '2026-01-02T00:00:00.000Z'],
  ]);
  chat.become('online');
  await expect.poll(groups).toEqual(['crew', 'team', 'alps']);
  expect(invitations.list[0]).toEqual({ group: 'crew', by: 'bob', title: 'T' });
  open.delete('team');
  chat.become('waiting', 'connection_lost');
  chat.become('online');
  await expect.poll(groups).toEqual(['crew', 'alps']);
});

test('one that comes while they are read is not lost', async () => {
  open = new Map([['alps', '2026-01-01T00:00:00.000Z']]);
  meanwhile = () => {
    meanwhile = () => {};
    open.set('crew', '2026-01-02T00:00:00.000Z');
    tell('INVITED', 'crew');
  };
  await invitations.refresh();
  expect(groups()).toEqual(['crew', 'alps']);
});

test('one is there once, until it is answered here or elsewhere, or withdrawn', async () => {
  for (const group of ['a', 'b', 'c', 'd', 'a']) tell('INVITED', group);
  expect(groups()).toEqual(['a', 'd', 'c', 'b']);
  tell('JOINED', 'a');
  tell('LEFT', 'b');
  tell('UNINVITED', 'c');
  expect(groups()).toEqual(['d']);
  invitations.entered(new Set(['#d', '#x']));
  expect(groups()).toEqual([]);
});

test('declining tells the service, and what it refuses stays', async () => {
  open = new Map([['crew', '2026-01-01T00:00:00.000Z']]);
  await invitations.refresh();
  tell('INVITED', 'gone');
  await expect(invitations.decline('gone')).rejects.toMatchObject({ code: 'not_a_member' });
  expect(groups()).toEqual(['gone', 'crew']);
  await invitations.decline('crew');
  expect(groups()).toEqual(['gone']);
  expect(open.size).toBe(0);
});
