import type { Cost } from '../../test/support/cost.ts';
import type { CostRow } from './cost-rows.ts';
import { cursorsOf, type FilledChat, fillChats } from './filled.ts';

type Numbers = (requests: number, writes: number, reads: number, posts: number) => Cost;

const COUNTS = [10, 100, 500];
// Chats with news: three short messages each.
const NEWS = 5;

/** The cursors of a client that lacks the last three messages of NEWS chats, spread evenly. */
function behind(chats: readonly FilledChat[]): Record<string, number> {
  const lacking = new Set(chats.filter((_, index) => index % Math.floor(chats.length / NEWS) === 0));
  const known = chats.map((chat) => ({ ...chat, messages: chat.messages - (lacking.has(chat) ? 3 : 0) }));
  return cursorsOf(known);
}

/** The rows of a returning client with `count` chats. */
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
    // Five requests of the login, one of them for the user's chats, and one per hundred keys.
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
    // For each of the five chats: its row and its messages.
    operation: `sync with 3 messages in each of 5 chats, of ${count}`,
    budget: cost(3 + count / 100 + Math.min(NEWS, count / 100 + 1) + NEWS, 0, count + 10 + 2 * NEWS, 0),
    async scene(people, cloud) {
      const alice = await people.user();
      const cursors = behind(await fillChats(cloud, alice.name, count, { messages: 4 }));
      return () => alice.request({ type: 'sync', cursors });
    },
  },
];

/** The first page of a long chat; its cost doesn't depend on the chat's length. */
const longChat = (cost: Numbers, messages: number): CostRow => ({
  operation: `sync, the first page of a chat of ${messages}`,
  budget: cost(8, 0, 10.5, 0),
  async scene(people, cloud) {
    const alice = await people.user();
    const [chat] = await fillChats(cloud, alice.name, 1, { messages });
    return () => alice.request({ type: 'sync', cursors: { [chat?.id ?? '']: 0 } });
  },
});

/** A login without a cursor for its chat reads and posts one page, however long the chat is. */
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

/** The rows of `sync` and of logins with cursors. Their cost grows with the news, and by one key lookup per chat. */
export const syncRows = (cost: Numbers): CostRow[] => [
  ...COUNTS.flatMap((count) => rowsOf(cost, count)),
  ...[10, 1_000, 10_000].map((messages) => longChat(cost, messages)),
  longestChat(cost),
  {
    // 600 lookups of rows and as many of messages; each page repeats up to 8 chats that the last one had looked at.
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
