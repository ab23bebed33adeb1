// `npm run bench:many-chats`: the cost of login, sync and list_chats for a user with very many chats, counted at the local
// cloud's engine. The chats are written into its store, with one message each. A request has a limited number of cursors, so
// the client logs in with the first part of its cursors and sends a `sync` for each of the others.
import { number, parseOrExit } from '../../cli/command.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { limits } from '../../protocol/index.ts';
import type { Client } from '../../test/support/client.ts';
import { costOf } from '../../test/support/cost.ts';
import { cursorsOf, type FilledChat, fillChats } from './filled.ts';
import { People } from './people.ts';

const { chats: count } = parseOrExit({
  name: 'npm run bench:many-chats',
  about: 'Counts the units that login, sync and list_chats cost for a user with many chats.',
  flags: { chats: number("the user's chats", { min: 1, max: 20_000, whole: true, default: 6_000 }) },
}).values;

type Part = { cursors: Record<string, number>; from_chat?: string; to_chat?: string };

function partsOf(chats: readonly FilledChat[]): Part[] {
  const sorted = chats.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const parts: Part[] = [];
  for (let index = 0; index < sorted.length; index += limits.cursors)
    parts.push({
      cursors: cursorsOf(sorted.slice(index, index + limits.cursors)),
      ...(index > 0 && { from_chat: sorted[index]?.id }),
      to_chat: sorted[index + limits.cursors]?.id,
    });
  return parts;
}

/** Requests all pages. @returns the number of requests, and of messages and chats in the replies */
async function walk(client: Client, type: 'sync' | 'list_chats', from: object): Promise<[number, number]> {
  let [pages, came] = [0, 0];
  for (let next: object | undefined = from; next; ) {
    const page = await client.request({ type, ...next });
    if (!/_success$/.test(page.status ?? '')) throw new Error(JSON.stringify(page).slice(0, 300));
    const { chats = [], messages = [], next: behind } = page as unknown as Record<string, unknown[]>;
    pages++;
    came += chats.length + messages.length;
    // `next` continues the walk, with the same part of the cursors.
    next = behind && { ...from, ...behind };
  }
  return [pages, came];
}

const cloud = await startCloud({ assembly: await ensureAssembly({ context: { sendRate: 'off' } }), port: 0 });
const people = new People(cloud.url);
const [alice, phone] = [await people.user(), await people.stranger()];
const parts = partsOf(await fillChats(cloud, alice.name, count));
const [first, ...others] = parts as [Part, ...Part[]];

async function row(what: string, run: () => Promise<[number, number]>): Promise<void> {
  let [frames, came] = [0, 0];
  const { requests, reads, writes, posts } = await costOf(cloud, async () => {
    [frames, came] = await run();
  });
  console.log(`| ${[what, frames, came, requests, reads, writes, posts].join(' | ')} |`);
}

const all = async (some: readonly Part[]): Promise<[number, number]> => {
  const walks: [number, number][] = [];
  for (const part of some) walks.push(await walk(alice, 'sync', part));
  return [walks.reduce((sum, [pages]) => sum + pages, 0), walks.reduce((sum, [, came]) => sum + came, 0)];
};

console.log(`${count} chats:\n`);
console.log('| operation | frames | received | requests | read units | write units | posts |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
await row('login with the first part of the cursors', async () => {
  await phone.request({ type: 'login', username: alice.name, ...first });
  await phone.next({ type: 'sync_response' });
  return [1, 0];
});
await row('sync with the other parts, nothing new', () => all(others));
await row('sync with all parts, nothing new', () => all(parts));
await row('sync from nothing, all pages', () => walk(alice, 'sync', {}));
await row('list_chats, all pages', () => walk(alice, 'list_chats', {}));
await people.leave();
await cloud.close();
