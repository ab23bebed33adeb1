import { isChange, placeOf, wrongChanges } from './check-changes.ts';
import type { Delivery, Membership, Place, Record, Sending, Session, Stored } from './record.ts';

/** What the checker says of a record. */
export interface Verdict {
  /** Broken promises, each with its evidence. None may be there. */
  violations: string[];
  /** Messages that a plain client lost with its socket: the gateway had taken them. The documented limit. */
  lostWithSocket: number;
  /** Messages to a plain client that wait in the dead-letter queue: the function was killed whenever the queue brought them. */
  inDeadLetters: number;
  /** Messages to a large group that a plain member had not got when they left: the queue may have held them until then. */
  leftBefore: number;
  /** Messages that a plain client got more than once. */
  duplicates: number;
  /** Those of them that neither a repeat nor a login beside the push explains; a fault must. */
  otherDuplicates: number;
}

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
    violations: [...violations, ...lost.filter(({ why }) => why === undefined).map(({ what }) => what)],
    lostWithSocket: lost.filter(({ why }) => why === 'socket').length,
    inDeadLetters: lost.filter(({ why }) => why === 'dead letter').length,
    leftBefore: lost.filter(({ why }) => why === 'left').length,
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
  const entries = new Map(record.sendings.map((sending) => [sending.sent?.message_id, sending]));
  return record.deliveries.flatMap((delivery) => {
    const { content } = delivery;
    const sending = content === '' ? deletions.get(placeOf(delivery)) : sendings.get(content);
    const what = `${delivery.user} got ${delivery.chat_id} ${delivery.seq}`;
    if (sending === undefined)
      return [content === '' ? `${what}: nobody deleted it` : `${what}: nobody sent ${content}`];
    const { change } = sending;
    if (change ? placeOf(change) !== placeOf(delivery) : delivery.edits !== undefined)
      return [`${what} with the text ${content}, which is another's`];
    // Its text may be one of an edit since: who leaves meanwhile still gets what is on its way (docs/guarantees.md).
    if (mayHave(record, delivery, entries.get(delivery.message_id) ?? sending)) return [];
    const { via, at } = delivery;
    const came = `${content} came by ${via} at ${((at - sending.began) / 1_000).toFixed(2)}`;
    return [
      [`${what}, which is not theirs`, came, ...evidenceOf(record, delivery.user, sending)].join('\n      '),
    ];
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
    memberships.some((each) => isStay(each, user, to, began) && sent.at <= each.leaving);
  return [...kinds.keys()].filter((user) => user !== sender && isIn(user));
}

const isStay = ({ user, group, joined }: Membership, whose: string, of: string, began: number): boolean =>
  user === whose && group === of && joined <= began;

/** A message that never reached a plain recipient, and the limit of the service that explains it, if one does. */
interface Lost {
  what: string;
  why: 'socket' | 'dead letter' | 'left' | undefined;
}

/** The plain recipients that an acknowledged message never reached. */
function lostBy(record: Record, sending: Sending): Lost[] {
  const { sent } = sending;
  if (sent === undefined) return [];
  const got = new Set(
    record.deliveries.filter(({ message_id }) => message_id === sent.message_id).map(({ user }) => user),
  );
  return recipientsOf(record, sending)
    .filter((user) => record.kinds.get(user) === 'plain' && !got.has(user))
    .map((user) => {
      const why = whyLost(record, user, sending, sent);
      const what = `${user} never got ${sending.key} (${sent.chat_id} ${sent.seq}), and no socket that ended had been given it`;
      return { what: why ? what : [what, ...evidenceOf(record, user, sending)].join('\n      '), why };
    });
}

function whyLost(record: Record, user: string, sending: Sending, sent: Sent): Lost['why'] {
  if (wasLostWithSocket(record, user, sent.message_id)) return 'socket';
  if (isInDeadLetters(record, user, sent)) return 'dead letter';
  return hasLeftSince(record, user, sending) ? 'left' : undefined;
}

type Sent = NonNullable<Sending['sent']>;

/** Whether the gateway took it for a socket of theirs, which then ended. */
const wasLostWithSocket = ({ sessions, taken }: Record, user: string, messageId: string): boolean =>
  taken.some(
    ({ session, message_ids }) =>
      message_ids.includes(messageId) &&
      sessions.some((each) => each.id === session && each.user === user && Number.isFinite(each.to)),
  );

const isInDeadLetters = ({ deadLetters }: Record, user: string, { chat_id, seq }: Place): boolean =>
  deadLetters.some(
    ({ chat, seq: of, names, after = '' }) =>
      chat === chat_id && of === seq && (names ? names.includes(user) : user > after),
  );

const hasLeftSince = ({ memberships }: Record, user: string, { to, isGroup, began }: Sending): boolean =>
  isGroup &&
  !memberships.some((each) => isStay(each, user, to, began) && each.leaving === Number.POSITIVE_INFINITY);

/** What helps to find out what became of a message. Times are seconds since it was begun. */
function evidenceOf(
  { sessions, memberships, said, taken }: Record,
  user: string,
  { sent, began, to, change, attempts }: Sending,
): string[] {
  const after = (at: number) => ((at - began) / 1_000).toFixed(2);
  const isNear = ({ from, to: until }: Session) => until >= began - 5_000 && from <= began + 120_000;
  return [
    `${change?.kind ?? 'message'}, begun 0.00, acknowledged ${after(sent?.at ?? began)}, attempts ${attempts}`,
    ...memberships
      .filter((each) => each.user === user && each.group === to)
      .map(({ joining, joined, leaving, left }) => `in it: ${[joining, joined, leaving, left].map(after)}`),
    ...sessions
      .filter((each) => each.user === user && isNear(each))
      .map(({ id, from, to: until }) => `session ${id}: ${after(from)} to ${after(until)}`),
    ...taken
      .filter(({ message_ids }) => message_ids.includes(sent?.message_id ?? ''))
      .map(({ session }) => `taken for ${session}`),
    ...said.filter((line) => {
      const { seq, timestamp } = JSON.parse(line) as { seq: number; timestamp: string };
      const at = Date.parse(timestamp);
      return seq === sent?.seq && at >= began - 1_000 && at <= began + 300_000;
    }),
  ];
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
