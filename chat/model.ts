import type { Form } from '../protocol/index.ts';

/** Milliseconds since 1970, UTC. */
export type Millis = number;

/** The sender of a message of the service's own. No user's id is empty, whatever an identity provider calls its users. */
export const SYSTEM = '';

/** An entry of a log: a message, an edit or a deletion. */
export interface LogEntry {
  chat: string;
  /** 1, 2, 3, … without holes. */
  seq: number;
  /** Unique; the attempt id of the write. */
  id: string;
  /** A user, or `SYSTEM`. */
  sender: string;
  /** The current text of a message; empty for an edit or a deletion (chat/history/edit-texts.ts). */
  content: string;
  at: Millis;
  /** The sender's `client_message_id`. */
  key?: string;
  /** The seq of the message that this entry edits, or deletes. */
  edits?: number;
  deletes?: number;
  /** The latest change of this message. A deletion is final. */
  changed?: Change;
  /** Of each edit, the sender's `client_message_id`, or the attempt id. */
  editIds?: readonly string[];
  /** For each of them, the last seq of the log when the edit was made. The edit's entry, if any, comes later. */
  ends?: readonly number[];
  /** The generation of the group; absent for the first. */
  generation?: number;
  /** The entry is older than the retention: it keeps its seq, but nobody sees it. */
  expired?: true;
  /** In a private chat, the counts up to and with this entry (chat/history/counts.ts). */
  counts?: Counts;
}

/**
 * The number of messages by the first and by the second user of a private chat's id, without edits and deletions, and the
 * number of deletions. One by the system counts as of both, since it is to both.
 */
export type Counts = readonly [byFirst: number, bySecond: number, deletions: number];

/**
 * Of the writes that were acknowledged before a read, `strong` sees all; `eventual` costs half and may miss the latest.
 */
export type Consistency = 'strong' | 'eventual';

/** The latest change of a message. */
interface Change {
  kind: 'edited' | 'deleted';
  at: Millis;
}

/** What the owner of a group decides. */
export interface GroupSettings {
  /** Whether only invited users may join; absent, everybody may. */
  inviteOnly?: boolean;
}

/** An item of the directory: a user or a group. */
export interface Name extends GroupSettings {
  name: string;
  kind: 'user' | 'group';
  created: Millis;
  /** The owner of a group. Ownership passes on if they are no longer a member (chat/groups/succession.ts). */
  owner?: string;
  /** The member count. A function that died may leave it off by one, until the next recount. */
  members?: number;
  /** The attempt id of the last count (chat/groups/count-members.ts). */
  counted?: string;
  /** The number of recounts, and the time of the last one. */
  recounts?: number;
  recounted?: Millis;
  /** Whether anybody was ever invited: only then can there be invitations. */
  hasInvited?: true;
  /** Whether anybody was ever removed: only then can there be removal records. */
  hasRemoved?: true;
  /** How many earlier groups had this name; absent for none. */
  generation?: number;
  /** The group's first seq in the log; absent for 1. Earlier entries belong to earlier groups. */
  first?: number;
  /** The attempt id of a takeover that found the group empty (chat/groups/reserve-name.ts). */
  wanted?: string;
  /** The attempt id of the reservation. */
  attemptId: string;
}

/** A name as it was read. Updates are refused once somebody else has taken it over. */
export type Claimed = Pick<Name, 'name' | 'attemptId'>;

/** A group, and why a count was refused: it is full, or there was a recount since it was read. */
export type Counted = Name & { refused?: 'full' | 'recounted' };

/** An invitation of a user to a group, until they join, decline it, or it is withdrawn. */
export interface Invitation {
  username: string;
  group: string;
  /** Who has invited them. */
  by: string;
  at: Millis;
  /** Whether they had been removed: withdrawing it must keep them out again. */
  wasRemoved?: true;
  /** Tells it from another one of the same user to the same group. */
  id: string;
  /** The group's attempt id, and its generation. */
  attemptId: string;
  generation?: number;
}

/** A user's connection, as the inbox lists it. */
export interface Device {
  form: Form;
  /** Whether its client takes several messages in one frame, as it said when it logged in. */
  batches?: true;
  /** When it logged in. */
  since: Millis;
  /** The login id. */
  login: string;
  /** Whether this login has marked the user back in all groups that had a pointer in the inbox. */
  back?: true;
  /** When the token of this login expires; absent without one. From then on the device counts as gone. */
  until?: Millis;
}

/**
 * The maximum number of pointers in an inbox; further ones go to the overflow. Each write costs the whole item: about
 * 3.6 KB with 50 of the longest names, and 90 bytes per device. One update acknowledges all of them.
 */
export const INBOX_POINTERS = 50;

/** The bytes of chat ids from which on an inbox is full as well: those of 50 private chats of users with the longest names. */
const INBOX_BYTES = 50 * (2 * 32 + 1);

/** Whether an inbox has no room. Senders at the same moment may still add a pointer each, up to `INBOX_POINTERS`. */
export const isFullInbox = (chats: Iterable<string>): boolean => {
  const all = [...chats];
  return all.length >= INBOX_POINTERS || all.join('').length >= INBOX_BYTES;
};

/** A user's connections and pointers, in one item so that updates are atomic (docs/guarantees.md, the inbox). */
export interface Inbox {
  connections: ReadonlyMap<string, Device>;
  /** Chat → the first pending seq. */
  pending: ReadonlyMap<string, number>;
  /** It has no room for a further pointer (`isFullInbox`). */
  full?: true;
  /** The id of the overflow's pointers that count as well; absent if there are none. */
  overflow?: string;
  /** The session epoch, from 0. Incrementing it ends all earlier sessions. */
  epoch: number;
  /** When it was last incremented, which ends all logins by tokens issued before; absent for never. */
  revoked?: Millis;
  /** When a connection was last removed; absent for never. */
  lastSeen?: Millis;
  /** There is no such inbox: nobody has registered the name, or their registration is not complete. */
  missing?: true;
}

/**
 * A pointer in the overflow: a chat is pending from a seq on. Pointers are immutable with unique ids, so removing one that
 * was read never removes a newer one.
 */
export interface OverflowPointer {
  /** The pointer counts only if the inbox has this id (`Inbox.overflow`). */
  overflow: string;
  chat: string;
  from: number;
  id: string;
}

/** What an identity provider says of a user. */
export interface Claims {
  name?: string;
  picture?: string;
  /** Of both, to tell whether they have changed. */
  digest: string;
}

/** A user, and how they authenticate. */
export interface Credential {
  username: string;
  /** The attempt id of the write. */
  attemptId: string;
  /** The password's hash, with its parameters; absent for a user without one. */
  password?: string;
  /** The idempotency key of the `create_user` that has made the user. */
  key?: string;
  /** The digest of the claims that last filled the profile (chat/accounts/fill-profile.ts). */
  claims?: string;
  /** The last session epoch in which this is valid; absent for 0. */
  epoch?: number;
  /** Erased, by themselves or an administrator: nobody can log in as them, even through an identity provider. */
  erased?: true;
}

/** What a user or group shows beside its id. */
export interface Profile {
  /** A user's display name or a group's title. */
  name?: string;
  /** What a group is about. */
  topic?: string;
  /** The https URL of a picture. */
  avatar?: string;
  /** JSON of an object that applications keep with a user. */
  data?: string;
}

/** A session that a login opened, stored under the digest of its token. */
export interface Session {
  digest: string;
  username: string;
  /** The session epoch in which it was opened. */
  epoch: number;
  expires: Millis;
}

/** A leaky bucket: its level, and when it had that level (chat/rate-limits/buckets.ts). */
export interface Bucket {
  level: number;
  at: Millis;
}

/** A row of the member list. */
export interface Member {
  chat: string;
  username: string;
  /** No command makes moderators yet. The directory knows the owner. */
  role: 'moderator' | 'member' | 'peer';
  /** The first seq after the member joined. */
  since: number;
  /** The group's generation and its first seq, as they were when the member joined (`Name`). */
  generation?: number;
  first?: number;
  /** When the member joined; absent in private chats. */
  joined?: Millis;
  /** The last seq that the member has marked as read; absent for `since` - 1. */
  read?: number;
  /** The attempt id of the join; absent in private chats. */
  attemptId?: string;
  /** The login version: how many logins had messages pending here. */
  loginVersion?: number;
  /** The id of the last of these logins that found pointers to the group in the overflow. */
  backBy?: string;
  /** The away note: messages from this seq on are pending. The next login removes it (chat/delivery/fan-out.ts). */
  away?: number;
}

/** A row of the member list, or a row that a removal leaves so that a join in progress fails. */
export type MemberRow = Member & { removed?: true };

/** A membership, as it was read. */
export type Membership = Pick<Member, 'chat' | 'username' | 'attemptId'>;

/** A part of a fan-out: members of a group that a message has not reached yet. */
export interface FanOut {
  chat: string;
  /** The message. */
  seq?: number;
  /**
   * In place of `seq` the messages, if several go together; the sender of the first in the list pays. A version that knows only `seq`
   * fails at such a part and requeues it as it is, so an update loses none.
   */
  seqs?: readonly number[];
  /** Its message waits for others of this window (chat/delivery/gather.ts). */
  window?: number;
  /** All members after this name, or only those in `names`. */
  after?: string;
  names?: readonly string[];
  /** The id of the list of names. */
  list?: string;
  /** The number of retries, from 0. */
  tries?: number;
  /** It counts on nobody's rate: a backend has sent the message. */
  free?: true;
  /** The id of this copy of the part (chat/delivery/fan-out-parts.ts). */
  copy: string;
}

/** Messages of a large group that go out together. */
export interface Gathered {
  /** The message whose part delivers them. */
  by: number;
  seqs: readonly number[];
}

/** A pending chat that was delivered: all of it, or the entries before `to`. */
export interface Handed {
  chat: string;
  to?: number;
  /** The pointer moves from the overflow to the inbox. */
  instead?: true;
}

/** The binding of a connection to a user. */
export interface Bound {
  username: string;
  form: Form;
  /** The digest of the token of its session. */
  session?: string;
  /** The login id. */
  login?: string;
  /** When the token of the login expires; absent without one. From then on the connection can do nothing. */
  until?: Millis;
}

/** What a login proves, in so far as it may be revoked before the inbox lists its device. */
export interface Validity {
  /** The last session epoch in which it is valid; absent, it is valid in all. */
  epoch?: number;
  /** When the token was issued, in whole seconds; absent without one. */
  issued?: Millis;
}

/** A user of the identity provider, as a valid token describes them. */
export interface Identity {
  username: string;
  /** What the token says of the user; absent if it says nothing. */
  claims?: Claims;
  /** When the token was issued, in whole seconds. */
  issued: Millis;
  /** When the token expires. */
  until: Millis;
}

/** The result of a post. `gone` is final; `throttled` and `failed` come after all retries. */
export type Posted = 'taken' | 'gone' | 'throttled' | 'failed';

/** API Gateway closes every connection after 2 hours, so an older one is gone even if it is still stored. */
export const CONNECTION_LIFE: Millis = (2 * 60 + 10) * 60_000;

/** A sustained rate and a burst. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** The deployment's rules for accounts. An absent limit is off. */
export interface Policy {
  /** Whether users come from an identity provider: then nobody registers, and there are no passwords and sessions. */
  hasProvider: boolean;
  /** Whether anybody may register; closed, the operator creates users. */
  registration: 'open' | 'closed';
  passwords: 'optional' | 'required';
  /** The minimum length of a new password, in characters. */
  passwordLength: number;
  sessionLife: Millis;
  /** The maximum number of connections per user. */
  devices: number;
  /** Wrong passwords for one account before attempts have to wait. */
  invalidLogins?: number;
  /** The same for one address, over all accounts. */
  failedLoginsOfAddress?: number;
}

/** The origin of a request. */
export interface Caller {
  connectionId: string;
  /** The form of its frames, which rules pass on to who writes them, and never look at. */
  form: Form;
  /** Its grammar has no field for a session's token (text): no session is opened for it. */
  withoutTokens?: true;
  /** Its grammar has one word for a recipient, user or group (text). */
  namesEither?: true;
  /** A digest of the network address. */
  address: string;
  /**
   * The backend's call through the server API, which comes by no connection: as a user or, without one, as the operator. It
   * counts on nobody's rate.
   */
  backend?: { as?: string };
  /**
   * Counts the request on the user's rate; absent, it is free.
   * @param price absent, the price in the command's definition
   * @throws ChatError `rate_limited`
   */
  admit?(username: string, price?: number): Promise<void>;
  /** Doesn't charge the user for what the request costs beyond its price, because others caused it. */
  waiveSurplus?(): void;
}
