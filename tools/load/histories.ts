import { setTimeout as pause } from 'node:timers/promises';
import type { Frame } from '../harness/connection.ts';
import { type Crowd, each } from './crowd.ts';
import type { DeliveryCheck, Sent, Stored } from './delivery-check.ts';
import type { Mark } from './mark.ts';

const PAGE = 200;

/** The chats that were compared. */
export interface Checked {
  chats: number;
  messages: number;
  /** Chats for which there was no time, or whose history could not be read. */
  unchecked: number;
}

/** Reads the history of every chat of the run, from the run's first message on, and passes it to the delivery check. */
export async function compareHistories(
  { deliveries, crowd, mark }: { deliveries: DeliveryCheck; crowd: Crowd; mark: Mark },
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Checked> {
  const chats = [...deliveries.chats];
  const checked: Checked = { chats: 0, messages: 0, unchecked: 0 };
  await each(chats.length, async (at) => {
    const [chat, messages] = chats[at] ?? ['', []];
    const stored = signal.aborted
      ? undefined
      : await read(crowd, mark, messages, signal).catch(() => undefined);
    if (stored === undefined) checked.unchecked++;
    else {
      deliveries.compare(chat, stored);
      checked.chats++;
      checked.messages += stored.length;
    }
    if (at % 20 === 0) say(`Comparing with the history: ${at} of ${chats.length} chats …`);
  });
  say('');
  return checked;
}

/** @returns undefined if the history could not be read to its end */
async function read(
  crowd: Crowd,
  mark: Mark,
  messages: readonly Sent[],
  signal: AbortSignal,
): Promise<Stored[] | undefined> {
  const [any] = messages;
  const reader = any && crowd.users[any.sender];
  if (reader === undefined) return undefined;
  const first = messages.reduce(
    (least, { acknowledged }) => Math.min(least, acknowledged?.seq ?? least),
    Infinity,
  );
  const stored: Stored[] = [];
  let next: Frame | undefined = { after_seq: first - 1 };
  while (next !== undefined) {
    if (signal.aborted) return undefined;
    const request = { type: 'fetch_history', recipient: any?.to, limit: PAGE, ...next };
    const { frame } = await reader.request(request);
    if (frame.code === 'busy' || frame.code === 'rate_limited') {
      await pause(Number(frame.retry_after_ms ?? 200));
      continue;
    }
    if (frame.code !== undefined) return undefined;
    stored.push(...(frame.messages as Frame[]).map((message) => storedOf(message, mark)));
    next = frame.next as Frame | undefined;
  }
  return stored;
}

const storedOf = ({ seq, message_id, timestamp, content }: Frame, mark: Mark): Stored => ({
  seq: Number(seq),
  id: String(message_id),
  timestamp: String(timestamp),
  index: mark.indexOf(content),
});
