import type { Bound } from '../../chat/model.ts';
import type { Found, Scans } from '../../chat/ports.ts';
import type { MemoryState } from './memory.ts';

/** What a reading of a table finds after a place, which is a key, whether or not there still is an item of it. */
async function* found<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  after = '',
): AsyncGenerator<Found<T>> {
  const byKey = items
    .map((item) => [keyOf(item), item] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [key, item] of byKey) if (key > after) yield { item, after: key };
  // Of a last page in which there was nothing.
  if (after < END) yield { after: END };
}

const END = '\uffff';

/** Readings of all that is in memory, as it is when they begin. */
export const scansOf = (state: MemoryState): Scans => ({
  isPlace: () => true,
  entriesBy: (username, after) =>
    found(
      Object.values(state.history).flatMap((log) => log.filter(({ sender }) => sender === username)),
      ({ at, chat, seq }) => `${at} ${chat} ${seq}`,
      after,
    ),
  entriesSince: (since, after) =>
    found(
      Object.values(state.history).flatMap((log) =>
        log.filter(({ at, changed }) => at >= since || (changed?.at ?? 0) >= since),
      ),
      ({ at, chat, seq }) => `${at} ${chat} ${seq}`,
      after,
    ),
  removalsOf: (username, after) =>
    found(
      Object.keys(state.removals).flatMap((key) => {
        const [group = '', removed] = key.split(' ');
        return removed === username ? [group] : [];
      }),
      String,
      after,
    ),
  sessionsOf: (username, after) =>
    found(
      Object.values(state.sessions).flatMap((each) => (each.username === username ? [each.digest] : [])),
      String,
      after,
    ),
  connectionsOf: (username, after) =>
    found(
      Object.entries(state.connections).filter(
        (each): each is [string, Bound] => each[1]?.username === username,
      ),
      ([id]) => id,
      after,
    ),
});
