import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { changedBy, targetOf } from '../../../clients/sdk/changes.ts';
import { connect, type EditableChat, type Message, register } from '../../../clients/sdk/chat.ts';
import { changes } from '../../../clients/sdk/editing.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { startCloud } from '../../../local/cloud.ts';
import { readPlan } from '../../../local/faults/plan.ts';
import { randomFrom } from '../../../local/faults/random.ts';
import { ensureAssembly } from '../../../local/synth.ts';
import { SERVICE_FAULTS } from './exactly-once.ts';
import { flakySockets } from './flaky-socket.ts';

const MESSAGES = 60;
const RESTARTS = 3;
const SEED = 7;
const FATES = ['kept', 'edited', 'deleted', 'edited and deleted', 'undone'] as const;
/** How many entries change a message. */
const CHANGES = { kept: 0, edited: 1, deleted: 1, 'edited and deleted': 2, undone: 0 };

/** What its sender wants of a message. */
interface Wish {
  id: string;
  fate: (typeof FATES)[number];
  text: string;
}

/** A log as an app sees it: each message as its entries leave it. */
function merged(entries: readonly Message[]): Message[] {
  const messages = new Map<number, Message>();
  for (const entry of entries) {
    const target = targetOf(entry);
    const known = messages.get(target ?? entry.seq);
    if (target === undefined) messages.set(entry.seq, entry);
    else if (known) messages.set(target, changedBy(known, entry));
  }
  return [...messages.values()];
}

test('each edit and deletion takes effect once while sockets are cut, calls fail and programs restart', async () => {
  const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0 });
  onTestFinished(() => cloud.close());
  const folder = mkdtempSync(join(tmpdir(), 'parley-changes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { url } = cloud;
  for (const username of ['ann', 'bob']) await register({ url, username, webSocket: WebSocket });
  await cloud.setFaults(readPlan(SERVICE_FAULTS, SEED));
  const random = randomFrom(`changes ${SEED}`);
  const timing = { retryFirst: 40, retryMost: 200, request: 3_000, login: 3_000, gap: 20 };
  const { webSocket, counts } = flakySockets(400, randomFrom(`cuts ${SEED}`));
  const told: Record<string, Message[]> = { ann: [], bob: [] };
  const begin = (username: string): EditableChat => {
    const chat = connect({
      ...{ url, username, webSocket, random, timing },
      store: fileStore(join(folder, username)),
      changes,
    });
    chat.on('message', (message) => told[username]?.push(message));
    return chat;
  };
  let [ann, bob] = [begin('ann'), begin('bob')];
  onTestFinished(() => [ann, bob].forEach((chat) => void chat.close()));
  await Promise.all([ann, bob].map(isOnline));

  const wishes: Wish[] = [];
  /** By its id while it is unsent, by its seq from then on. */
  const targetOfWish = ({ id }: Wish) =>
    told.ann?.find(({ client_message_id }) => client_message_id === id)?.seq ?? id;
  const change = (wish: Wish, what: 'edit' | 'delete' | 'undo') => {
    const target = targetOfWish(wish);
    if (what === 'edit') ann.edit('bob', target, `${wish.text}, edited`);
    else if (what === 'delete') ann.delete('bob', target);
    else ann.undo(ann.delete('bob', target, 60_000).id);
  };
  for (let number = 1; number <= MESSAGES; number++) {
    const fate = FATES[number % FATES.length] ?? 'kept';
    const sending = ann.send('bob', `message ${number}`);
    const wish = { id: sending.id, fate, text: `message ${number}` };
    wishes.push(wish);
    // Some before the message can have been sent, some while it is, some after it.
    if (number % 3 === 0) await sending.message;
    if (number % 3 === 1) await wait(random() * 300);
    if (fate.includes('edited')) change(wish, 'edit');
    if (random() < 0.5) await wait(random() * 300);
    if (fate.includes('deleted')) change(wish, 'delete');
    if (fate === 'undone') change(wish, 'undo');
    if (number % (MESSAGES / RESTARTS) === 0) {
      ann.close();
      bob.close();
      [ann, bob] = [begin('ann'), begin('bob')];
    }
  }

  const wanted = wishes.flatMap(({ fate, text }) =>
    fate.includes('deleted') ? [] : fate === 'edited' ? `${text}, edited` : text,
  );
  const texts = (messages: readonly Message[]) =>
    messages.filter(({ deleted }) => !deleted).map(({ content }) => content);
  const isDone = () => ann.sendings.length === 0 && texts(merged(told.bob ?? [])).length === wanted.length;
  await expect.poll(isDone, { timeout: 240_000 }).toBe(true);
  await expect.poll(() => texts(merged(told.bob ?? [])), { timeout: 60_000 }).toEqual(wanted);
  expect(texts(merged(told.ann ?? []))).toEqual(wanted);
  await cloud.setFaults();

  // As somebody sees it to whom nothing happened.
  const calm = connect({ url, username: 'ann', webSocket: WebSocket });
  onTestFinished(() => calm.close());
  const page = await calm.request({
    ...{ type: 'fetch_history', recipient: 'bob', after_seq: 0, limit: 200, changes: true },
  });
  const entries = page.messages as Message[];
  expect(texts(merged(entries))).toEqual(wanted);
  // At most one entry for each message, edit and deletion.
  const ids = entries.map(({ client_message_id }) => client_message_id);
  expect(ids).toHaveLength(new Set(ids).size);
  for (const { id, fate } of wishes) {
    const seq = entries.find(({ client_message_id }) => client_message_id === id)?.seq;
    const changes = entries.filter((entry) => seq !== undefined && targetOf(entry) === seq);
    // An edit of a message that is deleted is told as a deletion (chat/history/edit-texts.ts): there are two of those.
    expect(changes.length).toBeLessThanOrEqual(CHANGES[fate]);
  }
  // That something happened at all.
  expect(counts.cuts).toBeGreaterThan(5);
  for (const what of ['edits', 'deletes'] as const)
    expect(entries.filter((entry) => entry[what] !== undefined).length).toBeGreaterThan(3);
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const isOnline = (chat: EditableChat): Promise<unknown> =>
  new Promise((resolve) => chat.on('state', ({ state }) => state === 'online' && resolve(undefined)));
