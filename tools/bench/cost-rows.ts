import type { Cloud } from '../../local/cloud.ts';
import type { Cost } from '../../test/support/cost.ts';
import { fillChats } from './filled.ts';
import type { People } from './people.ts';
import { syncRows } from './sync-rows.ts';

/** One row of the table of costs: an operation and its budget. */
export interface CostRow {
  operation: string;
  /** `posts` must match exactly; the others are upper limits. */
  budget: Cost;
  /** Prepares the data and returns the operation to count. Large amounts of data are written directly (filled.ts). */
  scene(people: People, cloud: Pick<Cloud, 'fill'>): Promise<() => Promise<unknown>>;
}

const cost = (requests: number, writes: number, reads: number, posts: number): Cost => ({
  requests,
  writes,
  reads,
  posts,
});

// With its other fields, an item of just under 1 KB, one write unit.
const content = 'x'.repeat(500);

// About as many chats with short names fit into a frame.
const PAGE_OF_CHATS = 150;

/** The rows of the table. */
export const costRows: CostRow[] = [
  ...syncRows(cost),
  {
    operation: 'private message, recipient online',
    budget: cost(4, 1, 4, 1),
    async scene(people) {
      const [alice, bob] = [await people.user(), await people.user()];
      const send = () => alice.request({ type: 'SEND_MESSAGE', recipient: bob.name, content });
      await send();
      return send;
    },
  },
  {
    operation: 'private message, recipient and sender on two devices each',
    budget: cost(4, 1, 4, 3),
    async scene(people) {
      const [alice, bob] = [await people.user(), await people.user()];
      await people.device(alice.name);
      await people.device(bob.name);
      const send = () => alice.request({ type: 'SEND_MESSAGE', recipient: bob.name, content });
      await send();
      return send;
    },
  },
  {
    operation: 'private message, recipient away (not the first)',
    budget: cost(4, 1, 4, 0),
    async scene(people) {
      const [alice, bob] = [await people.user(), await people.away()];
      const send = () => alice.request({ type: 'SEND_MESSAGE', recipient: bob, content });
      await send();
      return send;
    },
  },
  {
    operation: 'private message with a key, recipient away (not the first)',
    budget: cost(4, 1, 4, 0),
    async scene(people) {
      const [alice, recipient] = [await people.user(), await people.away()];
      await alice.request({ type: 'SEND_MESSAGE', recipient, content });
      const key = { client_message_id: 'k', after_seq: 1 };
      return () => alice.request({ type: 'SEND_MESSAGE', recipient, content, ...key });
    },
  },
  {
    operation: 'group message, 100 members, 30 online, 50 strangers connected',
    // Reads: one unit per online member, one per 25 members, ten for everything else.
    budget: cost(6, 1, 30 + 100 / 25 + 10, 30),
    async scene(people) {
      const creator = await people.user();
      const members = await people.users(99);
      const groupname = await people.group(creator, members);
      await Promise.all(members.slice(30).map((member) => member.request({ type: 'logout' })));
      await Promise.all(Array.from({ length: 25 }, () => people.stranger()));
      await people.users(25);
      const say = () => creator.request({ type: 'SEND_GROUP_MESSAGE', groupname, content: 'x' });
      await say();
      return say;
    },
  },
  {
    operation: 'login, the first, nothing pending',
    budget: cost(5, 3, 5, 1),
    async scene(people) {
      const [username, phone] = [await people.away(), await people.stranger()];
      return () => phone.request({ type: 'login', username });
    },
  },
  {
    operation: 'login, nothing pending',
    budget: cost(5, 3, 5, 1),
    async scene(people) {
      const [alice, phone] = [await people.user(), await people.stranger()];
      return () => phone.request({ type: 'login', username: alice.name });
    },
  },
  {
    operation: 'login with a session token, nothing pending',
    budget: cost(5, 3, 5, 1),
    async scene(people) {
      const [alice, phone] = [await people.user(), await people.stranger()];
      const { session_token } = (await alice.request({ type: 'login', username: alice.name })) as {
        session_token?: string;
      };
      return () => phone.request({ type: 'login', session_token });
    },
  },
  {
    // One request reads the recent attempts, and one counts this attempt before the password is checked.
    operation: 'login with a password, nothing pending',
    budget: cost(7, 4, 8, 1),
    async scene(people) {
      const [alice, phone] = [await people.user(), await people.stranger()];
      await alice.request({ type: 'change_password', new_password: 'secret' });
      const login = { type: 'login', username: alice.name, password: 'secret' };
      await phone.request(login);
      await phone.request({ type: 'logout' });
      return () => phone.request(login);
    },
  },
  {
    operation: '$connect',
    budget: cost(0, 0, 0, 0),
    scene: async (people) => () => people.stranger(),
  },
  {
    operation: 'fetch_history, newest 50',
    // 50 messages of 0.7 KB, strongly consistent: one unit per 4 KB.
    budget: cost(3, 0, 15, 0),
    async scene(people) {
      const [alice, recipient] = [await people.user(), await people.away()];
      for (let index = 0; index < 60; index++)
        await alice.request({ type: 'SEND_MESSAGE', recipient, content });
      return () => alice.request({ type: 'fetch_history', recipient });
    },
  },
  {
    operation: 'ping',
    budget: cost(0, 0, 0, 0),
    async scene(people) {
      const alice = await people.user();
      return () => alice.request({ type: 'ping' });
    },
  },
  {
    operation: 'set_profile, a display name and a picture',
    budget: cost(2, 1, 1, 0),
    async scene(people) {
      const alice = await people.user();
      const avatar_url = 'https://example.com/alice.png';
      return () => alice.request({ type: 'set_profile', display_name: 'Alice', avatar_url });
    },
  },
  {
    operation: 'get_profiles of 100 users who have one',
    budget: cost(2, 0, 51, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      const usernames = Array.from({ length: 100 }, (_, index) => `somebody-${index}`);
      const profiles = usernames.map((each) => ({ id: `@${each}`, name: 'Somebody' }));
      await cloud.fill('Profiles', profiles);
      return () => alice.request({ type: 'get_profiles', usernames });
    },
  },
  {
    operation: 'get_groups of 100 groups with a title',
    budget: cost(3, 0, 151, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      const group_ids = Array.from({ length: 100 }, (_, index) => `titled-${index}`);
      const rows = group_ids.map((each) => ({
        chat_id: `#${each}`,
        username: alice.name,
        role: 'member',
        since: 1,
      }));
      await cloud.fill('Members', rows);
      await cloud.fill(
        'Profiles',
        group_ids.map((each) => ({ id: `#${each}`, name: 'A title' })),
      );
      return () => alice.request({ type: 'get_groups', group_ids });
    },
  },
  {
    operation: 'update_group, a title and a topic',
    budget: cost(4, 1, 3, 0),
    async scene(people) {
      const alice = await people.user();
      const group_id = await people.group(alice, []);
      return () => alice.request({ type: 'update_group', group_id, title: 'A title', topic: 'Of all' });
    },
  },
  {
    operation: 'presence of 100 users who are away',
    budget: cost(2, 0, 101, 0),
    async scene(people) {
      const alice = await people.user();
      const usernames = Array.from({ length: 100 }, (_, index) => `nobody-${index}`);
      return () => alice.request({ type: 'presence', usernames });
    },
  },
  {
    operation: 'presence of 100 users, 30 online on two devices each',
    budget: cost(2, 0, 101, 30),
    async scene(people) {
      const online = await people.users(30);
      for (const { name } of online) await people.device(name);
      const away = Array.from({ length: 70 }, (_, index) => `nobody-${index}`);
      const [alice] = online;
      const usernames = [...away, ...online.map(({ name }) => name)];
      return async () => alice?.request({ type: 'presence', usernames });
    },
  },
  {
    operation: 'list_members of a group of 31, all online',
    budget: cost(5, 0, 36, 31),
    async scene(people) {
      const [alice, others] = [await people.user(), await people.users(30)];
      const group = await people.group(alice, others);
      return () => alice.request({ type: 'list_members', group_id: group });
    },
  },
  byTime(1_000, cost(8, 0, 16, 0)),
  byTime(10_000, cost(8, 0, 29, 0)),
  listing(10, 1, cost(15, 0, 32, 0)),
  listing(100, 1, cost(132, 0, 303, 0)),
  listing(500, 1, cost(262, 0, 604, 0)),
  listing(1, 10, cost(6, 0, 5, 0)),
  listing(1, 1_000, cost(6, 0, 5, 0)),
  listing(1, 10_000, cost(6, 0, 5, 0)),
];

/** The rows of a service whose users come from an identity provider. @param tokenOf signs a token for a user */
export const tokenRows = (tokenOf: (claims: { sub: string; name?: string }) => string): CostRow[] => [
  {
    // Creates the user, as `register` does where there is no provider.
    operation: 'login with a token of a provider, the first ever',
    budget: cost(7, 5, 1.5, 1),
    async scene(people) {
      const phone = await people.stranger();
      return () => phone.request({ type: 'login', token: tokenOf({ sub: 'newcomer' }) });
    },
  },
  {
    operation: 'login with a token of a provider, nothing pending',
    // What one with a session token costs.
    budget: cost(4, 2, 1.5, 1),
    async scene(people) {
      const [laptop, phone] = [await people.stranger(), await people.stranger()];
      const login = { type: 'login', token: tokenOf({ sub: 'regular' }) };
      await laptop.request(login);
      return () => phone.request(login);
    },
  },
  {
    operation: 'login with a fresh token on the same connection',
    budget: cost(4, 2, 1.5, 1),
    async scene(people) {
      const phone = await people.stranger();
      const login = () => phone.request({ type: 'login', token: tokenOf({ sub: 'loyal' }) });
      await login();
      return login;
    },
  },
  {
    operation: 'login with a token of a provider that names the user anew',
    budget: cost(6, 4, 1.5, 1),
    async scene(people) {
      const phone = await people.stranger();
      const login = (name: string) =>
        phone.request({ type: 'login', token: tokenOf({ sub: 'renamed', name }) });
      await login('Ann');
      return () => login('Anne');
    },
  },
];

/**
 * A page from a point in time in a chat of many messages of about 130 bytes, one per second. Four of its requests run
 * together and find the begin and end of the two chats that the name may stand for.
 */
function byTime(messages: number, budget: Cost): CostRow {
  return {
    operation: `fetch_history from a time, ${messages} messages`,
    budget,
    async scene(people, cloud) {
      const alice = await people.user();
      const from = Date.UTC(2026, 0, 1);
      const [chat] = await fillChats(cloud, alice.name, 1, { messages, from });
      const start_time = new Date(from + messages * 370).toISOString();
      return () => alice.request({ type: 'fetch_history', recipient: chat?.partner, start_time });
    },
  };
}

/** `list_chats` of private chats with news: per chat two row reads and two entry reads, one of each cheap. */
function listing(chats: number, messages: number, budget: Cost): CostRow {
  const title = messages === 1 ? `${chats} chats` : `one chat of ${messages} messages`;
  return {
    operation: `list_chats, ${title}, all with news${chats > PAGE_OF_CHATS ? ', first page' : ''}`,
    budget,
    async scene(people, cloud) {
      const alice = await people.user();
      await fillChats(cloud, alice.name, chats, { messages });
      return () => alice.request({ type: 'list_chats' });
    },
  };
}

/** The columns in which a measurement exceeds its row's budget; empty if none. */
export function broken(actual: Cost, { budget }: CostRow): string[] {
  const kinds = Object.keys(budget) as (keyof Cost)[];
  return kinds
    .filter((kind) => (kind === 'posts' ? actual.posts !== budget.posts : actual[kind] > budget[kind]))
    .map((kind) => `${kind}: ${actual[kind]} for ${budget[kind]}`);
}
