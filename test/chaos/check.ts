import { isChange, placeOf, wrongChanges } from './check-changes.ts';
import type { Delivery, Record, Sending, Session, Stored } from './record.ts';

/** What the checker says of a record. */
export interface Verdict {
  /** Broken promises, each with its evidence. None may be there. */
  violations: string[];
  /** Messages that a plain client lost with its socket: the gateway had taken them. The documented limit. */
  lostWithSocket: number;
  /** Messages that a plain client got more than once. */
  duplicates: number;
  /** Those of them that neither a repeat nor a login beside the push explains; a fault must. */
  otherDuplicates: number;
}

// A push goes out while its send is handled, which a Lambda's 29 seconds bound; a dead socket may show later.
const GRACE = 35_000;

/** Judges a run by what its clients recorded, and by the history, alone. */
export function check(record: Record): Verdict {
  const violations = [
    ...wrongLogs(record),
    ...unkept(record),
    ...misdelivered(record),
    ...notExactlyOnce(record),
    ...wrongChanges(record),
  ];
  const lost = record.sendings.flatMap((sending) => lostBy(record, sending));
  const duplicates = duplicatesOf(record);
  return {
    violations: [...violations, ...lost.filter(({ isExplained }) => !isExplained).map(({ what }) => what)],
    lostWithSocket: lost.filter(({ isExplained }) => isExplained).length,
    duplicates: duplicates.length,
    otherDuplicates: duplicates.filter((each) => !explains(record, each)).length,
  };
}

/** Holes, time that runs backwards, and messages that are there twice. */
function wrongLogs({ history, sendings }: Record): string[] {
  // The text of a message may have changed; and changes have none of their own.
  const keys = new Map(sendings.map(({ key, sent }) => [sent?.message_id, key]));
  return [...history].flatMap(([chat, entries]) => {
    const wrong: string[] = [];
    const seen = new Map<string, number>();
    for (const [index, entry] of entries.entries()) {
      const before = entries[index - 1];
      if (entry.seq !== index + 1) wrong.push(`${chat}: ${entry.seq} stands at ${index + 1}`);
      if (before && entry.timestamp < before.timestamp)
        wrong.push(`${chat} ${entry.seq}: time runs backwards`);
      if (isChange(entry)) continue;
      const said = keys.get(entry.message_id) ?? entry.content;
      if (seen.has(said)) wrong.push(`${chat}: ${said} at ${seen.get(said)} and ${entry.seq}`);
      seen.set(said, entry.seq);
    }
    return wrong;
  });
}

/** Acknowledged messages that are not where the acknowledgement said. */
function unkept({ sendings, history }: Record): string[] {
  const changed = new Set(sendings.flatMap(({ change }) => (change ? [placeOf(change)] : [])));
  return sendings.flatMap(({ key, sender, sent, change }) => {
    if (sent === undefined) return [];
    const entry = history.get(sent.chat_id)?.[sent.seq - 1];
    const isIt = entry?.message_id === sent.message_id && entry.sender === sender;
    // An edit of a message that was deleted since shows as its deletion.
    const isSo = change
      ? entry?.deletes === change.seq || (change.kind === 'edits' && entry?.edits === change.seq)
      : entry?.content === key || changed.has(placeOf(sent));
    return isIt && isSo
      ? []
      : [`${key} was acknowledged at ${sent.chat_id} ${sent.seq}; there is ${entry?.content}`];
  });
}

/** What reached somebody whose it is not. */
function misdelivered(record: Record): string[] {
  const sendings = new Map(record.sendings.map((sending) => [sending.key, sending]));
  const deletions = new Map(
    record.sendings.flatMap((sending) =>
      sending.change?.kind === 'deletes' ? [[placeOf(sending.change), sending] as const] : [],
    ),
  );
  return record.deliveries.flatMap((delivery) => {
    const { content } = delivery;
    const sending = content === '' ? deletions.get(placeOf(delivery)) : sendings.get(content);
    const what = `${delivery.user} got ${delivery.chat_id} ${delivery.seq}`;
    if (sending === undefined)
      return [content === '' ? `${what}: nobody deleted it` : `${what}: nobody sent ${content}`];
    const { change } = sending;
    if (change ? placeOf(change) !== placeOf(delivery) : delivery.edits !== undefined)
      return [`${what} with the text ${content}, which is another's`];
    return mayHave(record, delivery, sending) ? [] : [`${what}, which is not theirs`];
  });
}

function mayHave(
  { memberships }: Record,
  { user, chat_id }: Delivery,
  { sender, to, isGroup, began }: Sending,
): boolean {
  if (!isGroup) return chat_id === [sender, to].sort().join(':') && (user === sender || user === to);
  // Who has left may still get what was on its way; not what was begun to be sent after that.
  return memberships.some((each) => each.user === user && each.group === to && began <= each.left);
}

/** The users who must have a message. */
function recipientsOf(
  { kinds, memberships }: Record,
  { sender, to, isGroup, began, sent }: Sending,
): string[] {
  if (sent === undefined) return [];
  if (!isGroup) return [to];
  const isIn = (user: string) =>
    memberships.some(
      (each) => each.user === user && each.group === to && each.joined <= began && sent.at <= each.leaving,
    );
  return [...kinds.keys()].filter((user) => user !== sender && isIn(user));
}

/** The plain recipients that an acknowledged message never reached. */
function lostBy(record: Record, sending: Sending): { what: string; isExplained: boolean }[] {
  const { sent } = sending;
  if (sent === undefined) return [];
  const got = new Set(
    record.deliveries.filter(({ message_id }) => message_id === sent.message_id).map(({ user }) => user),
  );
  return recipientsOf(record, sending)
    .filter((user) => record.kinds.get(user) === 'plain' && !got.has(user))
    .map((user) => ({
      what: `${user} never got ${sending.key} (${sent.chat_id} ${sent.seq}), and no socket of theirs ended meanwhile`,
      isExplained: wasLostWithSocket(record, user, sending.began, sent.at),
    }));
}

/** Whether a push may have been lost with the socket that it went to, or the frame of the next login with that one's. */
function wasLostWithSocket({ sessions }: Record, user: string, began: number, sentAt: number): boolean {
  const mine = sessions.filter((each) => each.user === user);
  const isCut = ({ from, to }: Session) => from <= sentAt && to >= began && to <= sentAt + GRACE;
  // A login that hands over all that is owed leaves nothing for a later one.
  const next = mine.find(({ from, isHandedOver }) => from > sentAt && isHandedOver);
  const isUnfinished = ({ from, to, isHandedOver }: Session) =>
    !isHandedOver &&
    to >= began &&
    to < Number.POSITIVE_INFINITY &&
    from < (next?.from ?? Number.POSITIVE_INFINITY);
  return mine.some((each) => isCut(each) || isUnfinished(each));
}

/** A device with cursors has applied every message of its chats once, in order, and none else. */
function notExactlyOnce({ applied, history, memberships }: Record): string[] {
  return [...applied].flatMap(([device, entries]) => {
    const [user = ''] = device.split('/');
    const chats = [...history.keys()].filter(
      (chat) =>
        chat.split(':').includes(user) ||
        memberships.some((each) => each.user === user && `#${each.group}` === chat),
    );
    const strange = entries.filter(({ chat_id }) => !chats.includes(chat_id));
    const wrong = chats.flatMap((chat) => {
      const has = entries.filter(({ chat_id }) => chat_id === chat).map(({ message_id }) => message_id);
      const should = (history.get(chat) ?? []).map(({ message_id }: Stored) => message_id);
      const at = should.findIndex((id, index) => has[index] !== id);
      if (at === -1 && has.length === should.length) return [];
      return [
        `${device} applied ${has.length} of ${should.length} of ${chat}; the first that differs is ${at + 1}`,
      ];
    });
    return [
      ...strange.map(({ chat_id, seq }) => `${device} applied ${chat_id} ${seq}, which is not theirs`),
      ...wrong,
    ];
  });
}

/** Every copy but the first that one device of a plain client got. */
function duplicatesOf({ deliveries, kinds }: Record): Delivery[] {
  const seen = new Set<string>();
  return deliveries.filter(({ user, device, message_id }) => {
    const copy = `${device} ${message_id}`;
    const isAgain = seen.has(copy);
    seen.add(copy);
    return isAgain && kinds.get(user) === 'plain';
  });
}

/** A message that was sent again, or that a login handed over beside its push. */
function explains({ sendings, deliveries }: Record, again: Delivery): boolean {
  const sending = sendings.find(
    ({ key, sent }) => sent?.message_id === again.message_id || (!sent && key === again.content),
  );
  const copies = deliveries.filter(
    ({ device, message_id }) => device === again.device && message_id === again.message_id,
  );
  return (sending?.attempts ?? 0) > 1 || copies.some(({ via }) => via === 'login');
}
