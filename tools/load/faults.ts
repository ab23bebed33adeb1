import type { Sent, Stored } from './delivery-check.ts';

/** The kinds of faults. `unexpected`: delivered to the wrong user, or stored or delivered although it was refused. */
export type FaultKind = 'lost' | 'duplicated' | 'misordered' | 'unexpected';

/** One fault. */
export interface Fault {
  kind: FaultKind;
  text: string;
}

/**
 * Returns the faults in a chat's history.
 * @param stored the history, in the order in which it was read
 * @param acknowledged the chat's acknowledged messages
 * @param sent all messages, by index
 */
export const wrongIn = (
  chat: string,
  stored: readonly Stored[],
  acknowledged: readonly Sent[],
  sent: readonly Sent[],
): Fault[] => [
  ...stored.flatMap((message, at) => outOfOrder(chat, message, stored[at - 1])),
  ...missing(chat, stored, acknowledged),
  ...twice(chat, stored),
  ...storedThoughRefused(chat, stored, sent),
];

/** Checks that each `seq` is one more than the last, and that times don't go back. */
function outOfOrder(chat: string, { seq, timestamp }: Stored, before: Stored | undefined): Fault[] {
  if (before === undefined) return [];
  const { seq: last, timestamp: lastTime } = before;
  const faults: Fault[] = [];
  if (seq > last + 1) faults.push({ kind: 'lost', text: `${chat}: its history has ${seq} after ${last}` });
  if (seq <= last) faults.push({ kind: 'misordered', text: `${chat}: its history has ${seq} after ${last}` });
  if (timestamp < lastTime)
    faults.push({ kind: 'misordered', text: `${chat}: ${seq} is older than ${last}` });
  return faults;
}

function missing(chat: string, stored: readonly Stored[], acknowledged: readonly Sent[]): Fault[] {
  const bySeq = new Map(stored.map((message) => [message.seq, message]));
  return acknowledged.flatMap(({ index, acknowledged: place }): Fault[] => {
    const found = bySeq.get(place?.seq ?? 0);
    if (found?.index === index && found.id === place?.id) return [];
    const text = `${chat}: message ${index} was acknowledged at ${place?.seq}, but the history does not have it there`;
    return [{ kind: 'lost', text }];
  });
}

function twice(chat: string, stored: readonly Stored[]): Fault[] {
  const seen = new Set<number>();
  return stored.flatMap(({ index, seq }): Fault[] => {
    if (index === undefined) return [];
    const isNew = !seen.has(index);
    seen.add(index);
    return isNew
      ? []
      : [{ kind: 'duplicated', text: `${chat}: message ${index} is stored a second time, at ${seq}` }];
  });
}

/** The codes that promise that nothing was stored. After any other answer, it may have been. */
export const NOT_STORED = new Set(['busy', 'rate_limited']);

function storedThoughRefused(chat: string, stored: readonly Stored[], sent: readonly Sent[]): Fault[] {
  return stored.flatMap(({ index, seq }): Fault[] => {
    const refused = index === undefined ? undefined : sent[index]?.refused;
    if (refused === undefined || !NOT_STORED.has(refused)) return [];
    return [
      { kind: 'unexpected', text: `${chat}: ${index} was refused (${refused}) but is stored at ${seq}` },
    ];
  });
}

/** Finds messages in the wrong order: acknowledged before another was sent, but placed after it. */
export function misordered(chat: string, acknowledged: readonly Sent[]): Fault[] {
  const newestFirst = [...acknowledged].sort((one, other) => seqOf(other) - seqOf(one));
  // Of all later messages in the log, the one that was acknowledged first.
  let earliest: Sent | undefined;
  return newestFirst.flatMap((message): Fault[] => {
    const behind = earliest;
    if (behind === undefined || answeredAt(message) < answeredAt(behind)) earliest = message;
    if (behind === undefined || answeredAt(behind) >= message.at) return [];
    const text = `${chat}: ${seqOf(message)} was sent after ${seqOf(behind)} had been acknowledged`;
    return [{ kind: 'misordered', text }];
  });
}

const seqOf = ({ acknowledged }: Sent): number => acknowledged?.seq ?? 0;
const answeredAt = ({ acknowledged }: Sent): number => acknowledged?.at ?? Number.POSITIVE_INFINITY;
