import { isChange, placeOf, wrongChanges } from './check-changes.ts';
import type { Delivery, Membership, Place, Record, Sending, Session, Stored } from './record.ts';

// Of the runs in which messages wait for one another (chaos.ts).
const BATCH_WINDOW = 1_000;

/** The result of checking a record. */
export interface Verdict {
  /** Broken promises, each with its evidence. Must be empty. */
  violations: string[];
  /** Messages that the gateway accepted and a plain client lost with its socket: a documented limit. */
  lostWithSocket: number;
  /** Messages to a plain client in the dead-letter queue: the function was killed at each attempt to deliver them. */
  inDeadLetters: number;
  /** Messages to a large group that a plain member had not received when they left, perhaps still queued: a documented limit. */
  leftBefore: number;
  /** Messages that a plain client received more than once. */
  duplicates: number;
  /** Those of them that neither a repeated send nor a login during the push explains, so a fault must. */
  otherDuplicates: number;
}

/** Judges a run by its record alone. */
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

/** Finds holes, decreasing timestamps and duplicates in the history. */
function wrongLogs({ history, sendings }: Record): string[] {
  // Not by text: a message's text may have been edited, and changes have none of their own.
  const keys = new Map(sendings.map(({ key, sent }) => [sent?.message_id, key]));
  return [...history].flatMap(([chat, entries]) => {
    const wrong: string[] = [];
    const seen = new Map<string, number>();
    for (const [index, entry] of entries.entries()) {
      const before = entries[index - 1];
      if (entry.seq !== index + 1) wrong.push(`${chat}: entry ${index + 1} has the seq ${entry.seq}`);
      if (before && entry.timestamp < before.timestamp)
        wrong.push(`${chat} ${entry.seq}: older than the entry before it`);
      if (isChange(entry)) continue;
      const said = keys.get(entry.message_id) ?? entry.content;
      if (seen.has(said)) wrong.push(`${chat}: ${said} at ${seen.get(said)} and ${entry.seq}`);
      seen.set(said, entry.seq);
    }
    return wrong;
  });
}

/** Finds acknowledged messages that are missing at the acknowledged place. */
function unkept({ sendings, history }: Record): string[] {
  const changed = new Set(sendings.flatMap(({ change }) => (change ? [placeOf(change)] : [])));
  return sendings.flatMap(({ key, sender, sent, change }) => {
    if (sent === undefined) return [];
    const entry = history.get(sent.chat_id)?.[sent.seq - 1];
    const isIt = entry?.message_id === sent.message_id && entry.sender === sender;
    // An edit of a message that was deleted later appears as its deletion.
    const isSo = change
      ? entry?.deletes === change.seq || (change.kind === 'edits' && entry?.edits === change.seq)
      : entry?.content === key || changed.has(placeOf(sent));
    return isIt && isSo
      ? []
      : [
          `${key} was acknowledged at ${sent.chat_id} ${sent.seq}, but the history has ${entry?.content} there`,
        ];
  });
}

/** Finds deliveries to users who must not get them. */
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
      return [`${what} with the text ${content}, which belongs to another message`];
    // Its text may be that of a later edit: a member who leaves still gets what is on its way (docs/guarantees.md).
    if (mayHave(record, delivery, entries.get(delivery.message_id) ?? sending)) return [];
    const { via, at } = delivery;
    const came = `${content} arrived by ${via} at ${((at - sending.began) / 1_000).toFixed(2)}`;
    return [
      [`${what}, which was not for them`, came, ...evidenceOf(record, delivery.user, sending)].join(
        '\n      ',
      ),
    ];
  });
}

function mayHave(
  { memberships }: Record,
  { user, chat_id }: Delivery,
  { sender, to, isGroup, began }: Sending,
): boolean {
  if (!isGroup) return chat_id === [sender, to].sort().join(':') && (user === sender || user === to);
  // Users who left may still get what was on its way, but nothing that was sent afterwards.
  return memberships.some((each) => each.user === user && each.group === to && began <= each.left);
}

/** The users who must receive a message. */
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

/** A message that never reached a plain recipient, and the documented limit that explains it, if any. */
interface Lost {
  what: string;
  why: 'socket' | 'dead letter' | 'left' | undefined;
}

/** Finds acknowledged messages that never reached a plain recipient. */
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
      const what = `${user} never got ${sending.key} (${sent.chat_id} ${sent.seq}), and the gateway had accepted it for none of their sockets that ended`;
      return { what: why ? what : [what, ...evidenceOf(record, user, sending)].join('\n      '), why };
    });
}

function whyLost(record: Record, user: string, sending: Sending, sent: Sent): Lost['why'] {
  if (wasLostWithSocket(record, user, sent.message_id)) return 'socket';
  if (isInDeadLetters(record, user, sent)) return 'dead letter';
  return hasLeftSince(record, user, sending) ? 'left' : undefined;
}

type Sent = NonNullable<Sending['sent']>;

/** Whether the gateway accepted the message for a socket of theirs that then ended. */
const wasLostWithSocket = ({ sessions, accepted }: Record, user: string, messageId: string): boolean =>
  accepted.some(
    ({ session, message_ids }) =>
      message_ids.includes(messageId) &&
      sessions.some((each) => each.id === session && each.user === user && Number.isFinite(each.to)),
  );

const isInDeadLetters = (
  { deadLetters, history }: Record,
  user: string,
  { chat_id, seq }: Place,
): boolean => {
  const { timestamp = '' } = history.get(chat_id)?.[seq - 1] ?? {};
  return deadLetters.some(
    ({ chat, seq: of, seqs = [of], window, names, after = '' }) =>
      chat === chat_id &&
      // One that has waited may answer for others of its window.
      (seqs.includes(seq) || window === Math.floor(Date.parse(timestamp) / BATCH_WINDOW)) &&
      (names ? names.includes(user) : user > after),
  );
};

const hasLeftSince = ({ memberships }: Record, user: string, { to, isGroup, began }: Sending): boolean =>
  isGroup &&
  !memberships.some((each) => isStay(each, user, to, began) && each.leaving === Number.POSITIVE_INFINITY);

/** Collects evidence about a message. Times are seconds since its first attempt. */
function evidenceOf(
  { sessions, memberships, logged, accepted }: Record,
  user: string,
  { sent, began, to, change, attempts }: Sending,
): string[] {
  const after = (at: number) => ((at - began) / 1_000).toFixed(2);
  const isNear = ({ from, to: until }: Session) => until >= began - 5_000 && from <= began + 120_000;
  return [
    `${change?.kind ?? 'message'}, begun 0.00, acknowledged ${after(sent?.at ?? began)}, attempts ${attempts}`,
    ...memberships
      .filter((each) => each.user === user && each.group === to)
      .map(
        ({ joining, joined, leaving, left }) =>
          `member: joining, joined, leaving, left ${[joining, joined, leaving, left].map(after)}`,
      ),
    ...sessions
      .filter((each) => each.user === user && isNear(each))
      .map(({ id, from, to: until }) => `session ${id}: ${after(from)} to ${after(until)}`),
    ...accepted
      .filter(({ message_ids }) => message_ids.includes(sent?.message_id ?? ''))
      .map(({ session }) => `accepted for ${session}`),
    ...logged.filter((line) => {
      const { seq, timestamp } = JSON.parse(line) as { seq: number; timestamp: string };
      const at = Date.parse(timestamp);
      return seq === sent?.seq && at >= began - 1_000 && at <= began + 300_000;
    }),
  ];
}

/** Checks that each device with cursors applied every entry of its chats once, in order, and no others. */
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
        `${device} applied ${has.length} of ${should.length} of ${chat}; the first difference is at ${at + 1}`,
      ];
    });
    return [
      ...strange.map(({ chat_id, seq }) => `${device} applied ${chat_id} ${seq}, which was not for them`),
      ...wrong,
    ];
  });
}

/** All copies after the first that a device of a plain client received. */
function duplicatesOf({ deliveries, kinds }: Record): Delivery[] {
  const seen = new Set<string>();
  return deliveries.filter(({ user, device, message_id }) => {
    const copy = `${device} ${message_id}`;
    const isAgain = seen.has(copy);
    seen.add(copy);
    return isAgain && kinds.get(user) === 'plain';
  });
}

/** Whether a copy is explained: its message was sent again, or a login delivered it while it was pushed. */
function explains({ sendings, deliveries }: Record, again: Delivery): boolean {
  const sending = sendings.find(
    ({ key, sent }) => sent?.message_id === again.message_id || (!sent && key === again.content),
  );
  const copies = deliveries.filter(
    ({ device, message_id }) => device === again.device && message_id === again.message_id,
  );
  return (sending?.attempts ?? 0) > 1 || copies.some(({ via }) => via === 'login');
}
