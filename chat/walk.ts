import { ChatError } from '../protocol/index.ts';
import type { Millis } from './model.ts';
import type { Runtime } from './ports.ts';

/** What is done bit by bit, one part after the other: each begins after a place of its own, and says after each bit where it is. */
export type Parts = Readonly<Record<string, (after?: string) => AsyncIterable<string>>>;

// What a part does in one bit, and the reply, fit into it.
const RESERVE: Millis = 12_000;

/**
 * Goes through all parts, as far as there is time.
 * @param next what an earlier call returned
 * @param isFull whether to stop for another reason
 * @returns where to go on; undefined at the end
 * @throws ChatError `bad_request` if `next` is from nowhere
 */
export async function walk(
  { timeLeft }: Runtime,
  parts: Parts,
  next: string | undefined,
  isFull = () => false,
): Promise<string | undefined> {
  const names = Object.keys(parts);
  const place = next === undefined ? { part: names[0] ?? '' } : placeIn(next, names);
  for (const name of names.slice(names.indexOf(place.part)))
    for await (const after of parts[name]?.(name === place.part ? place.after : undefined) ?? [])
      if (timeLeft() < RESERVE || isFull()) return JSON.stringify([name, after]);
  return undefined;
}

/** @throws ChatError `bad_request` if `next` is of no reply */
export function checkPlace(parts: Parts, next: string | undefined): void {
  if (next !== undefined) placeIn(next, Object.keys(parts));
}

/** @throws ChatError `bad_request` */
function placeIn(next: string, names: readonly string[]): { part: string; after?: string } {
  try {
    const [part, after] = JSON.parse(next) as unknown[];
    if (names.includes(String(part)) && typeof after === 'string') return { part: String(part), after };
  } catch {
    // As if it were of no part.
  }
  throw new ChatError('bad_request', '"next" must be that of the reply before.');
}
