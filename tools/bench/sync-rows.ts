import type { Cost } from '../../test/support/cost.ts';
import type { CostRow } from './cost-rows.ts';
import { cursorsOf, type FilledChat, fillChats } from './filled.ts';

type Numbers = (requests: number, writes: number, reads: number, posts: number) => Cost;

const COUNTS = [10, 100, 500];
// Three short messages for each of these.
const NEWS = 5;

/** What a client has that lacks the last three messages of every so manieth chat. */
function behind(chats: readonly FilledChat[]): Record<string, number> {
  const lacking = new Set(chats.filter((_, index) => index % Math.floor(chats.length / NEWS) === 0));
  const known = chats.map((chat) => ({ ...chat, messages: chat.messages - (lacking.has(chat) ? 3 : 0) }));
  return cursorsOf(known);
}

/** A client that comes back, by the number of its chats. */
const rowsOf = (cost: Numbers, count: number): CostRow[] => [
  {
    operation: `sync with nothing new, ${count} chats`,
    budget: cost(3 + count / 100, 0, count + 10, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      const cursors = cursorsOf(await fillChats(cloud, alice.name, count));
      return () => alice.request({ type: 'sync', cursors });
    },
  },
  {
    // A login's own five requests, of which one is for the user's chats, and a look at a hundred keys each.
    operation: `login with cursors, nothing new, ${count} chats`,
    budget: cost(5 + Math.ceil(count / 100), 3, count + 10, 2),
    async scene(people, cloud) {
      const [alice, phone] = [await people.user(), await people.stranger()];
      const cursors = cursorsOf(await fillChats(cloud, alice.name, count));
      return async () => {
        await phone.request({ type: 'login', username: alice.name, cursors });
        await phone.next({ type: 'sync_response' });
      };
    },
  },
  {
    // For each of the five: its row, and its messages.
    operation: `sync with 3 messages in each of 5 chats, of ${count}`,
    budget: cost(3 + count / 100 + Math.min(NEWS, count / 100 + 1) + NEWS, 0, count + 10 + 2 * NEWS, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      const cursors = behind(await fillChats(cloud, alice.name, count, { messages: 4 }));
      return () => alice.request({ type: 'sync', cursors });
    },
  },
];

/** A page of a long chat costs what it holds, however long the chat is. */
const longChat = (cost: Numbers, messages: number): CostRow => ({
  operation: `sync, the first page of a chat of ${messages}`,
  budget: cost(8, 0, 10.5, 0),
  async scene(people, cloud) {
    const alice = await people.user();
    const [chat] = await fillChats(cloud, alice.name, 1, { messages });
    return () => alice.request({ type: 'sync', cursors: { [chat?.id ?? '']: 0 } });
  },
});

/** What a login without cursors for its chats reads and posts is one page, however much there is. */
const longestChat = (cost: Numbers): CostRow => ({
  operation: 'login with no cursor for a chat of 400 messages of 16 KB',
  budget: cost(8, 3, 25, 2),
  async scene(people, cloud) {
    const [alice, phone] = [await people.user(), await people.stranger()];
    await fillChats(cloud, alice.name, 1, { messages: 400, content: 'x'.repeat(16 * 1024) });
    return async () => {
      await phone.request({ type: 'login', username: alice.name, cursors: {} });
      await phone.next({ type: 'sync_response' });
    };
  },
});

/** `sync`, and a login with cursors: what grows is the news, and one look at one key for each chat. */
export const syncRows = (cost: Numbers): CostRow[] => [
  ...COUNTS.flatMap((count) => rowsOf(cost, count)),
  ...[10, 1_000, 10_000].map((messages) => longChat(cost, messages)),
  longestChat(cost),
  {
    // 600 looks at rows and as many at messages; each of the pages takes up to the 8 chats again that it began to look at.
    operation: 'sync from nothing, all pages, 600 chats',
    budget: cost(700, 0, 1_400, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      await fillChats(cloud, alice.name, 600);
      return async () => {
        for (let next: object | undefined = {}; next; ) {
          const page = (await alice.request({ type: 'sync', ...next })) as { next?: object };
          next = page.next;
        }
      };
    },
  },
];
