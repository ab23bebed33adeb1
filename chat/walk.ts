import { ChatError } from '../protocol/index.ts';
import type { Millis } from './model.ts';
import type { Runtime } from './ports.ts';

/** A part of what is done bit by bit: it begins after a place of its own, and says after each bit where it is. */
export interface Part {
  /** Whether it could have said this place. */
  isPlace(after: string): boolean;
  run(after?: string): AsyncIterable<string>;
}

/** What is done bit by bit, one part after the other. */
export type Parts = Readonly<Record<string, Part>>;

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
  const place = next === undefined ? { part: names[0] ?? '' } : placeIn(next, parts);
  for (const name of names.slice(names.indexOf(place.part)))
    for await (const after of parts[name]?.run(name === place.part ? place.after : undefined) ?? [])
      if (timeLeft() < RESERVE || isFull()) return JSON.stringify([name, after]);
  return undefined;
}

/**
 * Refuses a place before anything is done.
 * @throws ChatError `bad_request` if `next` is of no reply
 */
export function checkPlace(parts: Parts, next: string | undefined): void {
  if (next !== undefined) placeIn(next, parts);
}

/** @throws ChatError `bad_request` */
function placeIn(next: string, parts: Parts): { part: string; after?: string } {
  const [part, after] = listIn(next);
  const found = typeof part === 'string' && Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (typeof part === 'string' && typeof after === 'string' && found?.isPlace(after)) return { part, after };
  throw new ChatError('bad_request', '"next" must be that of the reply before.');
}

function listIn(json: string): unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Whether a place is an id, as a key of DynamoDB takes it. */
export const isId = (after: string): boolean => after !== '' && Buffer.byteLength(after) <= 1024;

/** Whether a place is a whole number. */
export const isNumber = (after: string): boolean =>
  /^\d+$/.test(after) && Number.isSafeInteger(Number(after));
