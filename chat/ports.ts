import type { BusEvent } from '../protocol/index.ts';
import type {
  Bound,
  Bucket,
  Claimed,
  Consistency,
  Counted,
  Credential,
  Device,
  FanOut,
  Gathered,
  GroupSettings,
  Handed,
  Identity,
  Inbox,
  Invitation,
  LogEntry,
  Member,
  MemberRow,
  Membership,
  Millis,
  Name,
  OverflowPointer,
  Posted,
  Profile,
  Session,
  Validity,
} from './model.ts';

/** All names of users and groups. */
export interface Directory {
  /**
   * Whether users and groups have a namespace each, since users come from an identity provider. Otherwise they share one,
   * and the holder of a name may be of another kind than was asked for.
   */
  readonly areApart: boolean;
  /**
   * Reserves a name if it is free.
   * @returns the entry that is stored now: this one (same `attemptId`) or an earlier one
   */
  reserve(name: Name): Promise<Name>;
  /** @param kind whose namespace, where they are apart */
  get(name: string, kind: Name['kind']): Promise<Name | undefined>;
  /** The groups that exist, by name. Strongly consistent. */
  getMany(groups: readonly string[]): Promise<Map<string, Name>>;
  /** Notes the attempt id of somebody who takes over an empty group's name. @returns false if the group has ended */
  startTakeover(group: Claimed, attemptId: string): Promise<boolean>;
  /** Replaces the group by `name`, if `startTakeover` noted its `attemptId`. @returns false if it was cancelled meanwhile */
  takeOver(group: Claimed, name: Name): Promise<boolean>;
  /** Cancels a takeover, because the group has a member. @returns false if the group has ended */
  cancelTakeover(group: Claimed): Promise<boolean>;
  /**
   * Adds `more` to the member count: 1 for a join, -1 for a leave, 0 for neither. Refused if there was a recount since the
   * group was read. A join also cancels a takeover.
   * @param attemptId the attempt id: a repeat with the same one counts once, unless another call came in between
   * @param most the maximum count afterwards
   * @returns the updated group, or why it was refused; undefined if the group has ended
   */
  count(group: Name, more: 1 | 0 | -1, attemptId: string, most?: number): Promise<Counted | undefined>;
  /**
   * Sets the member count, unless anybody was counted since the group was read. Also cancels a takeover.
   * @returns the updated group; undefined if it was refused
   */
  recount(group: Name, members: number, attemptId: string, now: Millis): Promise<Name | undefined>;
  /** Changes the owner. @returns the updated group; undefined if the owner has changed or the group has ended */
  passOwnership(group: Claimed, from: string | undefined, to: string): Promise<Name | undefined>;
  /** Changes the settings of a group. @returns false if the group has ended */
  updateSettings(group: Claimed, settings: GroupSettings): Promise<boolean>;
  /** Notes that the group has invitations or removal records. @returns false if the group has ended */
  note(group: Claimed, what: 'hasInvited' | 'hasRemoved'): Promise<boolean>;
  /** Writes a removal record. The record of a later group of the same name stays. */
  bar(group: Claimed & Pick<Name, 'generation'>, username: string): Promise<void>;
  /** Deletes the removal record of this group; without an `attemptId`, of any group of that name. */
  unbar(group: Pick<Name, 'name'> & Partial<Claimed>, username: string): Promise<void>;
  /** Whether this group has a removal record of the user. */
  isBarred(group: Claimed, username: string): Promise<boolean>;
}

/** The open invitations of each user. */
export interface Invitations {
  /** Stores an invitation in place of an earlier one to the group. One to a later group of the same name stays. */
  put(invitation: Invitation): Promise<void>;
  /** Strongly consistent. */
  get(username: string, group: string): Promise<Invitation | undefined>;
  /** Removes this invitation, and no later one. Idempotent. */
  remove(invitation: Invitation): Promise<void>;
  /** Up to `limit` of a user's invitations after a group, ordered by group; strongly consistent. */
  page(username: string, after: string, limit: number): Promise<Invitation[]>;
  /** Up to `limit` of the invitations to groups of a name after a user, ordered by user. Read from an index, which may lag. */
  pageOf(group: string, after: string, limit: number): Promise<Invitation[]>;
}

/** The user of each connection. */
export interface Connections {
  /** Binds the connection to the user. @returns the earlier binding; false if it is bound to another user */
  bind(connectionId: string, bound: Bound, now: Millis): Promise<{ before?: Bound } | false>;
  /** Restores the binding that a login replaced, if that login's is still there. @param login the login id */
  restore(connectionId: string, before: Bound, login: string, now: Millis): Promise<void>;
  /** Unbinds the connection if it is bound to that user. */
  unbind(connectionId: string, username: string): Promise<void>;
  get(connectionId: string): Promise<Bound | undefined>;
}

/** The users and their credentials. */
export interface Credentials {
  /**
   * Creates a user.
   * @returns the credential that is stored now: this one (same `attemptId`) or an earlier one
   */
  create(credential: Credential): Promise<Credential>;
  get(username: string): Promise<Credential | undefined>;
  /** Replaces the credential with this attempt id. @returns false if it has been replaced meanwhile */
  replace(attemptId: string, credential: Credential): Promise<boolean>;
  /** Notes the digest of a user's claims, unless the credential has been replaced. Idempotent. */
  noteClaims(credential: Pick<Credential, 'username' | 'attemptId'>, digest: string): Promise<void>;
}

/** What users and groups show beside their ids. Rules form the keys (chat/profiles.ts). */
export interface Profiles {
  /**
   * Sets the given fields; `''` removes one.
   * @returns the profile as it is now; undefined if it was erased
   */
  set(id: string, fields: Profile): Promise<Profile | undefined>;
  /** The profiles that exist and say anything. Eventually consistent. */
  getMany(ids: readonly string[]): Promise<Map<string, Profile>>;
  /** Removes a profile permanently: nothing can be set afterwards. Idempotent. */
  erase(id: string): Promise<void>;
}

/** The sessions that logins opened. Callers must check `expires`, because rows may outlive it. */
export interface Sessions {
  open(session: Session): Promise<void>;
  get(digest: string): Promise<Session | undefined>;
  /** Idempotent. */
  end(digest: string): Promise<void>;
}

/** The buckets of rate limits, by id. */
export interface RateLimits {
  getMany(ids: readonly string[]): Promise<Map<string, Bucket>>;
  /**
   * Sets a bucket if it is unchanged since it was read.
   * @param empty when the bucket will be empty and may be deleted
   * @returns undefined if it was set, else the current bucket
   */
  set(id: string, found: Bucket | undefined, level: Bucket, empty: Millis): Promise<Bucket | undefined>;
}

/** The inbox of each user: open connections and pointers. */
export interface Inboxes {
  /** Strongly consistent. A user without an item has an empty inbox. */
  getMany(usernames: readonly string[]): Promise<Map<string, Inbox>>;
  /**
   * Adds a connection, unless there are too many, the session epoch is newer than `valid.epoch`, or sessions were ended at
   * or after `valid.issued`.
   * @param most the maximum number of connections afterwards; absent, no limit
   * @returns the updated inbox
   */
  connect(
    username: string,
    connectionId: string,
    device: Device,
    valid?: Validity,
    most?: number,
  ): Promise<Inbox & { refused?: true }>;
  /**
   * Removes a connection and sets `lastSeen`, if the connection is listed.
   * @param login removes it only if it is listed with this login id; absent, with any
   * @returns the updated inbox
   */
  disconnect(username: string, connectionId: string, seen: Millis, login?: string): Promise<Inbox>;
  /** Creates an empty inbox if there is none, which saves the first login or message a second write. */
  create(username: string): Promise<void>;
  /** Empties the inbox of an erased user. Its epoch stays. */
  forget(username: string): Promise<void>;
  /** Increments the session epoch, and notes when. @returns the updated inbox */
  revoke(username: string, now: Millis): Promise<Inbox>;
  /**
   * Sets `pending[chat]` to at most `seq`, if no device is connected and there is room.
   * @returns undefined if it was written, else the inbox that made the condition fail
   */
  markPending(username: string, chat: string, seq: number): Promise<Inbox | undefined>;
  /**
   * Sets the overflow id, if no device is connected and there is no other id.
   * @returns undefined if it was written, else the inbox that made the condition fail
   */
  startOverflow(username: string, overflow: string): Promise<Inbox | undefined>;
  /**
   * Removes pointers or moves them forward, if the connection is still listed with that login id: then nothing can have
   * been marked pending since the login. A move may add a pointer, even to a full inbox.
   * @param all removes the overflow id, too
   * @param back sets `back` of the device, too
   * @param none notes that nothing is pending any more, if that is so: another login may have changed what is
   * @returns whether the condition held
   */
  ackPending(
    username: string,
    connectionId: string,
    login: string,
    handed: readonly Handed[],
    all?: 'and the overflow',
    back?: 'and is back',
    none?: 'and nothing is left',
  ): Promise<boolean>;
}

/** The pointers that inboxes have no room for. */
export interface Overflow {
  /** Adds a pointer. Idempotent. */
  add(username: string, pointer: OverflowPointer): Promise<void>;
  /**
   * A page of the pointers with the inbox's overflow id, ordered by chat and seq; strongly consistent.
   * @param after the last pointer of the previous page
   */
  page(
    username: string,
    overflow: string,
    limit: number,
    after?: OverflowPointer,
  ): Promise<{ pointers: OverflowPointer[]; more: boolean }>;
  /** Removes a pointer. Idempotent. */
  remove(username: string, pointer: OverflowPointer): Promise<void>;
  /** Removes all pointers of a user, with any overflow id. */
  forget(username: string): Promise<void>;
}

/** The member rows of all chats. */
export interface Members {
  /**
   * Adds a member if there is no row.
   * @param over the attempt id of an existing row to replace
   * @returns the row that is stored now: this one (same `attemptId`) or the existing one
   */
  join(member: Member, over?: string): Promise<MemberRow>;
  /** Adds the row of a private chat's peer. An existing row stays. */
  addPeer(chat: string, username: string): Promise<void>;
  /** Ends a membership. @returns whether this call ended it */
  leave(row: Membership): Promise<boolean>;
  /**
   * Replaces a member's row by one that makes a join in progress fail. It expires after any such join has ended.
   * @param over the attempt id of the row to replace; absent, there must be no row with one
   * @returns the row that is stored now: this one (same `attemptId`) or the existing one
   */
  remove(row: Membership, expires: Millis, over?: string): Promise<MemberRow | undefined>;
  /** Counts the members of a generation. Reads all rows. */
  count(chat: string, generation: number | undefined): Promise<number>;
  get(chat: string, username: string): Promise<Member | undefined>;
  /**
   * Moves a member's read mark forward to a seq.
   * @returns the read mark as it is now; undefined without a member
   */
  markRead(chat: string, username: string, seq: number): Promise<number | undefined>;
  /** Writes an away note, with messages pending from a seq on, if the login version is unchanged since the read. */
  markAway(row: Membership & Pick<Member, 'loginVersion'>, from: number): Promise<void>;
  /**
   * Removes the away note and increments the login version.
   * @param login the login id to store as `backBy`; absent, that stays
   * @returns the row; undefined without a member
   */
  markBack(chat: string, username: string, login?: string): Promise<Member | undefined>;
  /** The rows that exist. @param consistency `strong` if absent */
  getMany(keys: readonly { chat: string; username: string }[], consistency?: Consistency): Promise<Member[]>;
  /** Up to `limit` members after a name, ordered by name; strongly consistent. */
  page(chat: string, after: string, limit: number): Promise<Member[]>;
  /**
   * The ids of the user's chats (`groupsOf`: groups only), ordered. Read from an index, which may lag by a moment.
   * @param range from `from`, inclusive, to `to`, exclusive; at most `limit`
   */
  chatsOf(username: string, range?: { from?: string; to?: string; limit?: number }): Promise<string[]>;
  groupsOf(username: string): Promise<string[]>;
}

/** The log of every chat. Reads are strongly consistent by default. */
export interface History {
  /**
   * Writes the entry to its slot if that is free.
   * @returns the entry in the slot now: this one or an earlier one
   */
  put(entry: LogEntry): Promise<LogEntry>;
  get(chat: string, seq: number): Promise<LogEntry | undefined>;
  /** Entries by key; only those that exist, unordered. @param consistency `strong` if absent */
  getMany(keys: readonly { chat: string; seq: number }[], consistency?: Consistency): Promise<LogEntry[]>;
  /** The chats whose logs have an entry at or after the given seq. */
  reaching(seqs: readonly { chat: string; seq: number }[]): Promise<ReadonlySet<string>>;
  /**
   * Changes the text of a message, unless it is deleted, has `limits.changes` edits, or already contains this edit.
   * @param editId the edit's key or attempt id
   * @param end the last seq of the log before the edit's entry
   * @returns the message as it is now; its `editIds` contain `editId` if the edit is in
   */
  edit(
    chat: string,
    seq: number,
    content: string,
    editId: string,
    at: Millis,
    end: number,
  ): Promise<LogEntry | undefined>;
  /** Erases the text of a message permanently; its entry stays. Idempotent. */
  erase(chat: string, seq: number, at: Millis): Promise<void>;
  /** The newest entries at or below `upTo`, oldest first. */
  newest(chat: string, limit: number, upTo?: number): Promise<LogEntry[]>;
  /**
   * The newest entries after a seq, oldest first: at most `limit`, and one query page (1 MB).
   * @param upTo the highest seq; absent, no limit
   */
  behind(
    chat: string,
    seq: number,
    limit: number,
    options?: { upTo?: number; consistency?: Consistency },
  ): Promise<LogEntry[]>;
  /** Entries from a seq on, oldest first: at most `limit`, and one query page (1 MB). */
  from(chat: string, seq: number, limit?: number): Promise<{ entries: LogEntry[]; more: boolean }>;
}

/** When a part of a fan-out is due: after a while, or some seconds after a failure. */
export type Due = { in: Millis } | { after: unknown };

/** The queue of fan-out parts, which lambdas/fan-out.ts processes at least once. */
export interface FanOutQueue {
  /**
   * @param when absent, at once
   * @throws Unavailable; OutcomeUnknown if it may be in the queue
   */
  send(rest: FanOut, when?: Due): Promise<void>;
}

/** The copy of each fan-out part that is processed, where each of its pages ends, and which messages go together. */
export interface Copies {
  /** Claims a part for a copy, until `expires`. @returns whether that copy holds the claim, now or from before */
  claim(part: string, copy: string, expires: Millis): Promise<boolean>;
  /**
   * Stores the last member of a page, until `expires`, unless one is stored.
   * @param last undefined for the last page
   * @returns the one that is stored now: this one or an earlier one
   */
  endPage(page: string, last: string | undefined, expires: Millis): Promise<string | undefined>;
  /** Which messages go together in a list; undefined if none is stored. */
  gathered(list: string): Promise<Gathered | undefined>;
  /** Stores which messages go together, until `expires`, unless that is stored. @returns what is stored now */
  gather(list: string, gathered: Gathered, expires: Millis): Promise<Gathered>;
}

/** A message or an edit, as whoever decides about it gets it. */
export interface Asked {
  type: 'message' | 'edit';
  chat_id: string;
  sender: string;
  /** The text as it was sent. */
  content: string;
  client_message_id?: string;
  /** The message that an edit changes. */
  seq?: number;
  /** A backend sends it as this user. */
  backend?: true;
}

/** What becomes of a message: `rewrite` stores another text. */
export type Verdict =
  | { verdict: 'allow' }
  | { verdict: 'deny'; reason: string }
  | { verdict: 'rewrite'; content: string };

/**
 * Asks the operator's function before a message is stored.
 * @throws Unavailable if it gave no verdict, and messages must not be stored without one
 */
export type BeforeSend = (asked: Asked) => Promise<Verdict>;

/** The first verdict on each message that can be repeated. */
export interface Verdicts {
  /**
   * Stores a verdict, until `expires`, unless there is one.
   * @returns the one that is stored now: this one or an earlier one
   */
  first(message: string, verdict: Verdict, expires: Millis): Promise<Verdict>;
}

/** The bus that backends hear of what happens from. */
export interface EventSink {
  /**
   * Puts events on it, in order.
   * @throws Unavailable if it does not have all
   */
  put(events: readonly BusEvent[]): Promise<void>;
}

/** Posts to clients. */
export interface Gateway {
  /** Posts a frame. `taken` means that the gateway accepted it, not that the client received it. */
  post(connectionId: string, frame: string): Promise<Posted>;
  /** Closes a connection. Idempotent. */
  close(connectionId: string): Promise<void>;
  /** Whether a connection is open. False is final; true if the gateway can't answer. */
  isOpen(connectionId: string): Promise<boolean>;
}

/** The clock, new ids, waiting, and the remaining time of the invocation; injected so that tests are exact. */
export interface Runtime {
  now(): Millis;
  newId(): string;
  /** Waits a random time that grows with the number of failures. @param failures from 0 */
  backOff(failures: number): Promise<void>;
  /** Waits. */
  pause(time: Millis): Promise<void>;
  /** The time until the invocation is stopped. */
  timeLeft(): Millis;
}

/** Hashes passwords and creates tokens, so that neither is stored in plain. */
export interface Secrets {
  hash(password: string): Promise<string>;
  /** Takes the same time without a hash. */
  matches(password: string, hash: string | undefined): Promise<boolean>;
  /** 256 random bits in URL-safe characters. */
  newToken(): string;
  digest(token: string): string;
}

/** Verifies the tokens of the identity provider. */
export interface IdentityProvider {
  /**
   * @returns whose token it is, and for how long it is valid; it may just have expired
   * @throws ChatError `invalid_token`, `token_expired`; Unavailable if the provider's keys can't be fetched
   */
  verify(token: string): Promise<Identity>;
}

/** Limits the rate of one kind of request per user or address. */
export interface RateLimiter {
  /**
   * Counts a request before it is processed.
   * @param price 1 if absent
   * @param paid what the same request has been counted for already; a retry will be counted for it again
   * @throws ChatError `rate_limited`
   */
  admit(whose: string, price?: number, paid?: number): Promise<void>;
  /** Counts a request that has been processed, even over the limit. */
  charge(whose: string, price: number): Promise<void>;
}

/** Limits an event to one per interval, across all instances of a function. */
export interface Cooldown {
  /** @returns whether the event may happen now, which starts the next interval */
  admit(what: string): Promise<boolean>;
}

/** Something that a reading of a whole table came to, and where to go on after it; `item` is absent where nothing is of interest. */
export interface Found<T> {
  item?: T;
  after: string;
}

/** Readings of whole tables, in no order, from the beginning or after what an earlier one found. */
export interface Scans {
  /** Whether a place could be one that a reading of this table has found. */
  isPlace(table: 'History' | 'Directory' | 'Sessions' | 'Connections', after: string): boolean;
  /** Every entry that a user wrote, in all chats. */
  entriesBy(username: string, after?: string): AsyncIterable<Found<LogEntry>>;
  /** Every entry that was written, edited or deleted at a time or later, in all chats. */
  entriesSince(at: Millis, after?: string): AsyncIterable<Found<LogEntry>>;
  /** The groups that hold a removal record of a user. */
  removalsOf(username: string, after?: string): AsyncIterable<Found<string>>;
  /** The digests of a user's sessions. */
  sessionsOf(username: string, after?: string): AsyncIterable<Found<string>>;
  /** The ids of a user's connections, whether or not the inbox lists them. */
  connectionsOf(
    username: string,
    after?: string,
  ): AsyncIterable<Found<[id: string, bound: Pick<Bound, 'form'>]>>;
}
