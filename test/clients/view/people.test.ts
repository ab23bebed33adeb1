import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { People, PRESENCE_AGE, WATCH_MS } from '../../../clients/view/people.ts';
import { FakeChat } from '../terminal/fake-chat.ts';

const PAGE = 3;
const team = { id: '#team', kind: 'group', name: 'team' } as const;

let chat: FakeChat;
let people: People;
let now: number;
/** The group as the service has it. */
let members: string[];
let online: Set<string>;
let owner: string;
let invited: string[];
let topic: string;

beforeEach(() => {
  now = 0;
  members = ['alice', 'bob', 'carol', 'dora', 'eve', 'fay', 'gil'];
  online = new Set(['alice']);
  owner = 'gil';
  invited = [];
  topic = 'stars';
  chat = new FakeChat();
  chat.request = async (request) => {
    chat.asked.push(request);
    const { type, after = '', username } = request as { type: string; after?: string; username?: string };
    if (type === 'list_invitations') {
      const open = invited.filter((each) => each > after);
      const page = open.slice(0, PAGE).map((each) => ({ group_id: 'team', username: each, by: 'alice' }));
      return {
        invitations: page,
        ...(open.length > PAGE && { next: { after: page.at(-1)?.username } }),
      } as never;
    }
    if ('only' in request) {
      if (members.includes(username ?? '')) throw new RequestError('already_a_member', 'They have.');
      invited = invited.filter((each) => each !== username);
    } else if (type === 'remove_member') members = members.filter((each) => each !== username);
    if (type !== 'list_members') return {} as never;
    const rest = members.filter((each) => each > after);
    const page = rest.slice(0, PAGE);
    return {
      members: page.map((each) => ({
        username: each,
        role: each === owner ? 'owner' : 'member',
        online: online.has(each),
      })),
      ...(rest.length > PAGE && { next: { after: page.at(-1) } }),
      ...{ count: members.length, owner, invite_only: true },
    } as never;
  };
  const profiles = {
    groups: async () => new Map([['team', { group_id: 'team', topic }]]),
    setGroup: async (_: string, fields: { topic?: string }) => {
      topic = fields.topic ?? topic;
    },
  };
  people = new People(
    chat,
    profiles,
    () => {},
    () => now,
  );
  people.follow(team);
});

const names = () => people.list.map(({ username }) => username).join(' ');
const of = (type: string) => chat.asked.filter((each) => 'type' in each && each.type === type);
const pages = () => chat.asked.flatMap((each) => ('after' in each ? [each.after] : []));

describe('the members of a large group', () => {
  test('are counted, and come page by page, each once', async () => {
    await people.refresh();
    expect([names(), people.count, people.hasMore]).toEqual(['alice bob carol', 7, true]);
    await Promise.all([people.more(), people.more()]);
    expect(names()).toBe('alice bob carol dora eve fay');
    await people.more();
    expect([names(), people.hasMore]).toEqual(['alice bob carol dora eve fay gil', false]);
    await people.more();
    expect(pages()).toEqual(['carol', 'fay']);
  });

  test('the owner is known, on whatever page they are', async () => {
    await people.refresh();
    expect([people.owner, people.isOwner]).toEqual(['gil', false]);
    owner = 'alice';
    await people.refresh();
    expect(people.isOwner).toBe(true);
  });

  test('what was read stays when the first page is read again, and who left or came shows', async () => {
    await people.refresh();
    await people.more();
    members = ['alice', 'ann', 'carol', 'dora', 'eve', 'fay', 'gil'];
    online.add('ann');
    await people.refresh();
    expect(names()).toBe('alice ann carol dora eve fay');
    // It goes on behind the last that was read.
    await people.more();
    expect([names(), people.hasMore]).toEqual(['alice ann carol dora eve fay gil', false]);
    expect(people.list[1]).toMatchObject({ username: 'ann', online: true });
    // Smaller than what was read.
    members = ['alice', 'ann'];
    await people.refresh();
    expect([names(), people.hasMore, people.count]).toEqual(['alice ann', false, 2]);
  });

  test('are read again and again while the list is open, and somebody looks at it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    let isAway = false;
    const read = () => chat.asked.length;
    const stop = people.watch(() => isAway);
    await vi.waitFor(() => expect(people.count).toBe(7), 60_000);
    members = ['aaron', ...members];
    vi.advanceTimersByTime(WATCH_MS);
    await vi.waitFor(() => expect([people.count, people.list[0]?.username]).toEqual([8, 'aaron']), 60_000);
    const before = read();
    isAway = true;
    vi.advanceTimersByTime(WATCH_MS);
    isAway = false;
    chat.state = 'waiting';
    vi.advanceTimersByTime(WATCH_MS);
    chat.state = 'online';
    expect(read()).toBe(before);
    vi.advanceTimersByTime(WATCH_MS);
    expect(read()).toBe(before + 1);
    stop();
    vi.advanceTimersByTime(WATCH_MS);
    expect(read()).toBe(before + 1);
  });

  test('who is in sight is read again with the first ones', async () => {
    await people.refresh();
    await people.more();
    await people.see(3);
    online.add('eve');
    members = members.filter((each) => each !== 'dora');
    await people.refresh();
    expect(names()).toBe('alice bob carol eve fay gil');
    expect(people.list[3]).toMatchObject({ username: 'eve', online: true });
  });

  test('presence that is old is read again when it comes in sight', async () => {
    await people.refresh();
    await people.more();
    const before = pages().length;
    await people.see(3);
    expect(pages()).toHaveLength(before);
    now = PRESENCE_AGE;
    online.add('eve');
    await people.see(3);
    expect(pages().slice(before)).toEqual(['carol']);
    expect(people.list[4]).toMatchObject({ username: 'eve', online: true });
  });

  test('are found by how their ids begin, though their page was not read', async () => {
    await people.refresh();
    const found = async (text: string) => (await people.find(text)).map(({ username }) => username);
    expect(await found('F')).toEqual(['fay']);
    expect(await found('gil')).toEqual(['gil']);
    expect(await found('alice')).toEqual(['alice']);
    expect(await found('a')).toEqual(['alice']);
    expect(await found('x')).toEqual([]);
    const before = chat.asked.length;
    expect([await found('Zoë'), await found(''), await found(' ')]).toEqual([[], [], []]);
    expect(chat.asked).toHaveLength(before);
    // Nothing of it goes into the list, which has no gaps.
    expect(names()).toBe('alice bob carol');
  });

  test.each([
    ['0', undefined],
    ['00', '0.'.padEnd(32, 'z').replace(/^0\./, '0.')],
    ['a', '9'.padEnd(32, 'z')],
    ['b-', 'b'],
    ['ba', 'b_'.padEnd(32, 'z')],
  ])('the page of "%s" begins right before it', async (start, after) => {
    await people.find(start);
    expect(chat.asked.at(-1)).toEqual({ type: 'list_members', group_id: 'team', ...(after && { after }) });
  });

  test('with an identity provider, case counts', async () => {
    chat.hasProvider = true;
    members = ['Auth|A', 'Auth|a', 'auth|a'];
    expect((await people.find('Auth|a')).map(({ username }) => username)).toEqual(['Auth|a']);
    expect((await people.find('auth')).map(({ username }) => username)).toEqual(['auth|a']);
  });
});

describe('the owner', () => {
  test('removes a member, who is gone at once', async () => {
    await people.refresh();
    await people.more();
    await people.remove('eve');
    expect([people.has('eve'), people.count]).toEqual([false, 6]);
  });

  test('hands the group over, and is its owner no more', async () => {
    owner = 'alice';
    await people.refresh();
    await people.handOver('bob');
    expect([people.owner, people.isOwner]).toEqual(['bob', false]);
    expect(chat.asked.at(-1)).toEqual({ type: 'set_owner', group_id: 'team', username: 'bob' });
  });

  test('opens and closes the group, and says what it is about', async () => {
    await people.refresh();
    expect([people.inviteOnly, people.topic]).toEqual([true, 'stars']);
    await people.setInviteOnly(false);
    expect(people.inviteOnly).toBe(false);
    await people.describe({ title: '', topic: 'planets' });
    expect(people.topic).toBe('planets');
  });
});

describe('who is invited', () => {
  const open = () => people.invitees.list.join(' ');
  const asked = () => of('list_invitations').length;

  test('is for the owner alone who looks at the list, page by page, and read again while somebody is', async () => {
    invited = ['hal', 'ida', 'jon', 'kim'];
    const looked = async () => {
      people.watch(() => true)();
      // The topic comes last of what everybody sees.
      await vi.waitFor(() => expect(people.topic).toBe(topic));
    };
    await looked();
    expect([open(), asked()]).toEqual(['', 0]);
    topic = 'moons';
    owner = 'alice';
    await looked();
    await vi.waitFor(() => expect(open()).not.toBe(''));
    expect([open(), people.invitees.hasMore]).toEqual(['hal ida jon', true]);
    await people.invitees.more();
    expect([open(), people.invitees.hasMore]).toEqual(['hal ida jon kim', false]);
    expect(people.usernames).toContain('kim');
    // Answered, and invited by another device of the owner's.
    invited = ['ida', 'lea'];
    await people.invitees.refresh();
    expect([open(), people.invitees.hasMore]).toEqual(['ida lea', false]);
    invited = [];
    await people.invitees.refresh();
    const before = asked();
    await people.invitees.refresh();
    expect([open(), asked()]).toEqual(['', before]);
  });

  test('shows at once, whatever an older list says, and is taken back; who has joined meanwhile stays', async () => {
    await people.refresh();
    await people.invite('zoe');
    await people.invite('bob');
    expect(open()).toBe('zoe');
    invited = ['amy', 'zoe'];
    const { request } = chat;
    let answer = () => {};
    chat.request = (given) => {
      const reply = request.call(chat, given);
      return given.type === 'list_invitations' ? new Promise((done) => (answer = () => done(reply))) : reply;
    };
    const late = people.invitees.refresh();
    await people.invite('cid');
    answer();
    await late;
    chat.request = request;
    expect(open()).toBe('cid zoe');
    expect(await people.withdraw('zoe')).toBe(false);
    expect(open()).toBe('cid');
    invited = ['amy'];
    members = [...members, 'cid'];
    await people.invitees.refresh();
    expect(await people.withdraw('cid')).toBe(true);
    expect([open(), members.includes('cid'), people.count]).toEqual(['amy', true, 8]);
    expect(of('remove_member')).toEqual([
      { type: 'remove_member', group_id: 'team', username: 'zoe', only: 'invited' },
      { type: 'remove_member', group_id: 'team', username: 'cid', only: 'invited' },
    ]);
  });

  test('is taken back in the group in which they were invited', async () => {
    await people.invite('zoe');
    const withdrawn = people.withdraw('zoe');
    people.follow({ id: '#other', kind: 'group', name: 'other' });
    await people.invite('zoe');
    await withdrawn;
    expect(open()).toBe('zoe');
    expect(chat.asked.filter((each) => 'only' in each)).toMatchObject([
      { group_id: 'team', username: 'zoe' },
    ]);
  });
});

test('another chat begins anew, and what comes late is of no use to it', async () => {
  const late = people.refresh();
  people.follow({ id: '#club', kind: 'group', name: 'club' });
  await late;
  expect([names(), people.count, people.owner, people.topic, people.hasMore]).toEqual([
    '',
    undefined,
    undefined,
    '',
    false,
  ]);
});

test('a service that says neither count nor owner still has them on its only page', async () => {
  chat.request = async () => ({ members: [{ username: 'alice', role: 'owner', online: true }] }) as never;
  await people.refresh();
  expect([people.count, people.isOwner]).toEqual([1, true]);
});
