import type { Form } from '../protocol/index.ts';

/** Milliseconds since 1970, UTC. */
export type Millis = number;

/** A message as the log keeps it. */
export interface LogEntry {
  chat: string;
  /** 1, 2, 3, … with no holes. */
  seq: number;
  /** Unique; also the mark of the attempt that wrote it. */
  id: string;
  sender: string;
  /** Of a message, as it is now. A change has no text of its own (chat/history/edit-texts.ts). */
  content: string;
  at: Millis;
  /** The sender's `client_message_id`. */
  key?: string;
  /** This entry is a change: it tells that the message with this seq has another text, or is deleted. */
  edits?: number;
  deletes?: number;
  /** What became of this message last. What is deleted stays so. */
  changed?: Change;
  /** The marks of all its edits: of each, the sender's `client_message_id`, or one of its own. */
  marks?: readonly string[];
  /** Of each mark, the end of the log when its edit was made: the edit's entry is behind it, if there is one. */
  ends?: readonly number[];
  /** The generation of the group that it was written to; absent, the first. */
  generation?: number;
  /** It is older than the deployment keeps messages: it holds its place in the log, and nobody is shown it. */
  expired?: true;
  /** Of a private chat, up to and with this entry (chat/history/counts.ts). */
  counts?: Counts;
}

/**
 * How many messages of a private chat are by the user who comes first in the chat's id and by the other one, edits and
 * deletions aside; and how many deletions there are.
 */
export type Counts = readonly [byFirst: number, bySecond: number, deletions: number];

/**
 * How a read relates to writes that were acknowledged before it: `strong` sees all of them, `eventual` costs half, and
 * may miss those of the last moment.
 */
export type Consistency = 'strong' | 'eventual';

/** A change as the message it changes carries it. */
interface Change {
  kind: 'edited' | 'deleted';
  at: Millis;
}

/** A name that is taken, and by what. */
export interface Name {
  name: string;
  kind: 'user' | 'group';
  created: Millis;
  /** The member who administers a group; should they be none any more, it passes on (chat/groups/succession.ts). */
  owner?: string;
  /** How many are in a group; a function that died may have left it off by one, until they are counted anew. */
  members?: number;
  /** The mark of who was counted last (chat/groups/count-members.ts). */
  counted?: string;
  /** How often they were counted one by one, and when last. */
  recounts?: number;
  recounted?: Millis;
  /** Whether a group takes only who is invited; absent, it takes everybody. */
  inviteOnly?: boolean;
  /** Who may join a group, and has not yet. */
  invited?: readonly string[];
  /** Whether anybody was ever removed from it: only then may somebody be barred. */
  hasRemoved?: true;
  /** How often the name had been an emptied group's and was taken anew for this one; absent, never. */
  generation?: number;
  /** The first seq of the log that is this group's; absent, 1. What is before it was others'. */
  first?: number;
  /** The mark of whoever found nobody in the group, and is about to take its name (chat/groups/claim-name.ts). */
  wanted?: string;
  /** The mark of the attempt that claimed it. */
  mark: string;
}

/** A name as it was read: what is done to it is refused once somebody else has it. */
export type Claimed = Pick<Name, 'name' | 'mark'>;

/** A group, and why somebody was not counted there: it is full, or all were counted since it was read. */
export type Counted = Name & { refused?: 'full' | 'recounted' };

/** One live connection of a user, as the inbox lists it. */
export interface Device {
  form: Form;
  /** When it logged in. */
  since: Millis;
  /** The mark of that very login. */
  login: string;
}

/**
 * How many pointers an inbox holds; those of more chats go to the overflow. Every write of the item costs what all of
 * it weighs: with 50 of the longest names about 3.6 KB, and 85 bytes for each device that is connected. One update settles
 * them all.
 */
export const INBOX_ROOM = 50;

/** Who is online and what is owed, in one item: its atomicity is the proof (docs/guarantees.md, the inbox). */
export interface Inbox {
  connections: ReadonlyMap<string, Device>;
  /** Chat → the first seq that has not been handed over. */
  pending: ReadonlyMap<string, number>;
  /** It holds as many pointers as it can (`INBOX_ROOM`). */
  full?: true;
  /** More is owed: by the overflow's pointers that have this id. */
  overflow?: string;
  /** How often the user has ended all sessions at once, from 0: what was proven before the last time proves nothing. */
  epoch: number;
  /** When a connection was last taken out; absent if none ever was. */
  lastSeen?: Millis;
}

/**
 * A pointer that the inbox had no room for: all of a chat is owed from a seq on. It is never changed, and each has an id
 * of its own: whoever removes those that they have read removes no other.
 */
export interface OverflowPointer {
  /** What the inbox must say for it to count (`Inbox.overflow`). */
  overflow: string;
  chat: string;
  from: number;
  id: string;
}

/** That a user exists, and how they prove to be it. */
export interface Credential {
  username: string;
  /** The mark of the attempt that wrote it. */
  mark: string;
  /** The password's hash, with its parameters; absent for a user without one. */
  password?: string;
  /** The inbox's epoch that this is as good as; 0 if absent. */
  epoch?: number;
  /** An administrator took the user out: whatever vouches for them, nobody is them. */
  erased?: true;
}

/** A session that a login opened, kept by the digest of its token. */
export interface Session {
  digest: string;
  username: string;
  /** The inbox's epoch that it was opened in. */
  epoch: number;
  expires: Millis;
}

/** What leaks at a steady rate: how full it was, and when (chat/rate-limits/buckets.ts). */
export interface Level {
  level: number;
  at: Millis;
}

/** A row of the member list. */
export interface Member {
  chat: string;
  username: string;
  /** Nobody is a moderator yet. Who the owner is, the group's name says. */
  role: 'moderator' | 'member' | 'peer';
  /** The first seq that the member was there for. */
  since: number;
  /** The group's generation and its first seq, as they were when the member joined (`Name`). */
  generation?: number;
  first?: number;
  /** When the member joined; absent in private chats. */
  joined?: Millis;
  /** The last seq that the member has marked read; absent, what came before `since`. */
  read?: number;
  /** The mark of the attempt that joined; absent in private chats. */
  mark?: string;
  /** How many logins have found something owed here. */
  turn?: number;
  /** The member is away, and is owed all from this seq on. That login takes it off (chat/delivery/fan-out.ts). */
  away?: number;
}

/** A row of the member list, or what keeps one from being made: its user was removed. */
export type MemberRow = Member & { removed?: true };

/** A membership, as it was read. */
export type Membership = Pick<Member, 'chat' | 'username' | 'mark'>;

/** A part of a fan-out: members of a group whom a message has still to reach. */
export interface FanOut {
  chat: string;
  seq: number;
  /** All behind this name; or, with `names`, those alone. */
  after?: string;
  names?: readonly string[];
  /** The id of that list of names. */
  list?: string;
  /** How often it was put off, from 0. */
  tries?: number;
  /** Which sending of this part it is (chat/delivery/fan-out-parts.ts). */
  copy: string;
}

/** What a login has done about a chat that was owed: all of it, or what comes before `to`. */
export interface Handed {
  chat: string;
  to?: number;
  /** It was owed by pointers in the overflow, in whose place it is in the inbox from now on. */
  instead?: true;
}

/** All names of users and groups. */
export interface Names {
  /**
   * Claims a name.
   * @returns the claim that holds now: this one (its `mark` tells), or the one that was first
   */
  claim(name: Name): Promise<Name>;
  get(name: string): Promise<Name | undefined>;
  /** Says who has found nobody in a group and is about to take its name. @returns false if it is another's by now */
  want(group: Claimed, mark: string): Promise<boolean>;
  /** Gives a group's name to whoever wants it, by the mark of the new one; false if nobody does any more. */
  take(group: Claimed, name: Name): Promise<boolean>;
  /** Nobody wants a group's name any more: somebody is in it. @returns false if it is another's by now */
  unwant(group: Claimed): Promise<boolean>;
  /**
   * Counts who has joined (1), has left (-1), or neither in the end (0), unless all were counted since the group was read.
   * Nobody wants the name of one that was joined.
   * @param mark of whoever is counted: a call that is made twice counts once, if nobody else comes in between
   * @param most there may be, with them
   * @returns the group as it then is, with what stood against it; undefined if the name is another's by now
   */
  count(group: Name, more: 1 | 0 | -1, mark: string, most?: number): Promise<Counted | undefined>;
  /**
   * Says how many are in a group, unless anybody was counted since it was read. Nobody wants its name then.
   * @returns the group as it then is; undefined if it was not said
   */
  recount(group: Name, members: number, mark: string, now: Millis): Promise<Name | undefined>;
  /** Makes somebody else the owner. @returns the group as it then is; undefined if the name is another's by now */
  pass(group: Claimed, from: string | undefined, to: string): Promise<Name | undefined>;
  /** Says whether a group takes only who is invited. @returns false if the name is another's by now */
  restrict(group: Claimed, inviteOnly: boolean): Promise<boolean>;
  /**
   * Invites somebody to a group. Twice is fine.
   * @returns false if there are too many invitations (`limits.invitations`), or the name is another's by now
   */
  invite(group: Claimed, username: string): Promise<boolean>;
  /** Takes an invitation off; one that is not there is fine. */
  uninvite(group: Claimed, username: string): Promise<void>;
  /** Likewise, and notes that somebody was removed. */
  noteRemoval(group: Claimed, username: string): Promise<void>;
  /** Records that somebody was removed from a group, until `unbar`; what is recorded of a later one of that name stays. */
  bar(group: Claimed & Pick<Name, 'generation'>, username: string): Promise<void>;
  /** Takes that record off, if it is of this group; without a mark, of whichever. */
  unbar(group: Pick<Name, 'name'> & Partial<Claimed>, username: string): Promise<void>;
  /** Whether that is recorded of this group. */
  isBarred(group: Claimed, username: string): Promise<boolean>;
}

/** Whose connection it is. */
export interface Bound {
  username: string;
  form: Form;
  /** The digest of the session's token that it logged in with, or got when it did. */
  session?: string;
  /** The mark of the login that bound it. */
  login?: string;
}

/** Which connection is logged in as whom. */
export interface Connections {
  /** Binds the connection to the user. @returns what it was bound as before; false if it is bound to another user */
  bind(connectionId: string, bound: Bound, now: Millis): Promise<{ before?: Bound } | false>;
  /** Puts back what a login replaced, unless that login's row was replaced or taken off meanwhile. @param login its mark */
  restore(connectionId: string, before: Bound, login: string, now: Millis): Promise<void>;
  /** Unbinds it if it is that user's. */
  unbind(connectionId: string, username: string): Promise<void>;
  get(connectionId: string): Promise<Bound | undefined>;
}

/** Who exists as a user, and how they prove it. */
export interface Credentials {
  /**
   * Makes a user.
   * @returns the credential that holds now: this one (its `mark` tells), or the one that was first
   */
  create(credential: Credential): Promise<Credential>;
  get(username: string): Promise<Credential | undefined>;
  /** Replaces the one with this mark; false if that does not hold any more. */
  replace(mark: string, credential: Credential): Promise<boolean>;
}

/** The sessions that logins opened. Who reads one looks at when it expires: its row may stay longer. */
export interface Sessions {
  open(session: Session): Promise<void>;
  get(digest: string): Promise<Session | undefined>;
  /** One that is not there is fine. */
  end(digest: string): Promise<void>;
}

/** How full the buckets are that limits are counted in, by name. */
export interface Levels {
  getMany(ids: readonly string[]): Promise<Map<string, Level>>;
  /**
   * Sets a level, provided that it is still as it was found.
   * @param empty when nothing of it will be left, so that it need not be kept
   * @returns undefined if it was set, else the level that stood against it
   */
  set(id: string, found: Level | undefined, level: Level, empty: Millis): Promise<Level | undefined>;
}

/** Who is online, and who is owed what. */
export interface Inboxes {
  /** Strongly consistent; a user without an item has an empty inbox. */
  getMany(usernames: readonly string[]): Promise<Map<string, Inbox>>;
  /**
   * Adds a connection, unless there are too many, or all sessions were ended since.
   * @param epoch up to which what the user proved holds; absent, it holds in any
   * @param most connections that there may be then; absent, any number
   * @returns the inbox as it then is
   */
  connect(
    username: string,
    connectionId: string,
    device: Device,
    epoch?: number,
    most?: number,
  ): Promise<Inbox & { refused?: true }>;
  /** Takes a connection out, notes until when the user was seen, and returns the inbox as it then is. */
  disconnect(username: string, connectionId: string, seen: Millis): Promise<Inbox>;
  /** Makes an empty inbox, if there is none: whoever needs one first would have to ask twice. */
  make(username: string): Promise<void>;
  /** Empties the inbox of a user who is nowhere any more; its epoch stays. */
  forget(username: string): Promise<void>;
  /** Begins the next epoch and returns the inbox as it then is. */
  revoke(username: string): Promise<Inbox>;
  /**
   * Makes sure that `pending[chat]` ≤ seq, provided that nobody is connected and there is room.
   * @returns undefined if it was written, else the inbox that stood against it
   */
  owe(username: string, chat: string, seq: number): Promise<Inbox | undefined>;
  /**
   * Says under which id the overflow has pointers, provided that nobody is connected and no other id is there.
   * @returns undefined if it was written, else the inbox that stood against it
   */
  startOverflow(username: string, overflow: string): Promise<Inbox | undefined>;
  /**
   * Takes pointers off, or moves them on, provided that the connection is there since that very login: then the user
   * can have been owed nothing new in between. A pointer may come by being moved, whether there is room or not.
   * @param all if the overflow's id goes off, too
   * @returns whether it was written, or would have been if there had been anything to write
   */
  settle(
    username: string,
    connectionId: string,
    login: string,
    handed: readonly Handed[],
    all?: 'and the overflow',
  ): Promise<boolean>;
}

/** The pointers that inboxes had no room for. */
export interface Overflow {
  /**
   * Adds one; twice is fine.
   * @param instead if it takes the place of others, which go off then: nobody came to be owed anything by it
   */
  add(username: string, pointer: OverflowPointer, instead?: 'instead'): Promise<void>;
  /**
   * Pointers with an id of the inbox's, in the order of their chats and seqs; strongly consistent.
   * @param after the last one of the page before
   */
  page(
    username: string,
    overflow: string,
    limit: number,
    after?: OverflowPointer,
  ): Promise<{ pointers: OverflowPointer[]; more: boolean }>;
  /** Removes one; one that is not there is fine. */
  remove(username: string, pointer: OverflowPointer): Promise<void>;
  /** Removes all of a user's, whatever their inbox says. */
  forget(username: string): Promise<void>;
}

/** Who is in which chat. */
export interface Members {
  /**
   * Adds a member where there is no row.
   * @param over the mark of a row that may be there, and is replaced
   * @returns the row that is there now: this one (its `mark` tells), or what stood against it
   */
  join(member: Member, over?: string): Promise<MemberRow>;
  /** Adds the row of a private chat's peer, whatever is there. */
  meet(chat: string, username: string): Promise<void>;
  /** Ends a membership; one that has ended is fine. @returns whether this did it */
  leave(row: Membership): Promise<boolean>;
  /**
   * Puts in a member's place what keeps a join that is under way from taking effect; that goes by itself when none can
   * be any more.
   * @param over the mark of the row that is replaced; absent, there must be none with a mark
   * @returns the row that is there now: this one (its `mark` tells), or what stood against it
   */
  remove(row: Membership, expires: Millis, over?: string): Promise<MemberRow | undefined>;
  /** How many members of a generation there are; it reads them all. */
  count(chat: string, generation: number | undefined): Promise<number>;
  get(chat: string, username: string): Promise<Member | undefined>;
  /**
   * Marks a member's chat as read up to a seq, unless it is so further on already.
   * @returns up to where it is read now; undefined if the member is not there
   */
  markRead(chat: string, username: string, seq: number): Promise<number | undefined>;
  /** Notes that a member is away and is owed all from a seq on, unless their turn has come since the row was read. */
  markAway(row: Membership & Pick<Member, 'turn'>, from: number): Promise<void>;
  /** Takes that note off: it is their turn. @returns the row; undefined if the member is not there */
  markBack(chat: string, username: string): Promise<Member | undefined>;
  /** Only the rows that exist. @param consistency `strong` if absent */
  getMany(keys: readonly { chat: string; username: string }[], consistency?: Consistency): Promise<Member[]>;
  /** So many members behind a name, or all that there are, in the order of their names; strongly consistent. */
  page(chat: string, after: string, limit: number): Promise<Member[]>;
  /**
   * The user's chats, or groups alone, in the order of their ids. May lag behind by a moment: it is read from an index.
   * @param range ids from `from` on, before `to`; at most `limit`, or all
   */
  chatsOf(username: string, range?: { from?: string; to?: string; limit?: number }): Promise<string[]>;
  groupsOf(username: string): Promise<string[]>;
}

/** The log of every chat. Reads are strongly consistent unless they are asked to be eventually so. */
export interface History {
  /**
   * Writes the entry to its slot if that is free.
   * @returns the entry that is in the slot now: this one, or the one that was first
   */
  put(entry: LogEntry): Promise<LogEntry>;
  get(chat: string, seq: number): Promise<LogEntry | undefined>;
  /** So many by key; only those that exist, in no order. @param consistency `strong` if absent */
  getMany(keys: readonly { chat: string; seq: number }[], consistency?: Consistency): Promise<LogEntry[]>;
  /** The chats whose logs reach a seq: that have an entry there or behind it. */
  reaching(seqs: readonly { chat: string; seq: number }[]): Promise<ReadonlySet<string>>;
  /**
   * Gives a message another text, unless it is deleted, was edited as often as it may be (`limits.changes`), or has had
   * this very edit: a repeat counts once.
   * @param mark of this edit
   * @param end of the log: its entry is not there yet
   * @returns the message as it is now; its `marks` tell whether this edit is in
   */
  edit(
    chat: string,
    seq: number,
    content: string,
    mark: string,
    at: Millis,
    end: number,
  ): Promise<LogEntry | undefined>;
  /** Takes the text of a message away for good; it stays in its place. One that is deleted, or not there, is fine. */
  erase(chat: string, seq: number, at: Millis): Promise<void>;
  /** The newest entries at or below `upTo`, oldest first. */
  newest(chat: string, limit: number, upTo?: number): Promise<LogEntry[]>;
  /**
   * The newest entries above a seq, oldest first: at most `limit`, and what one answer of the database holds.
   * @param upTo the highest seq that is wanted; all if absent
   */
  behind(
    chat: string,
    seq: number,
    limit: number,
    options?: { upTo?: number; consistency?: Consistency },
  ): Promise<LogEntry[]>;
  /** Entries from a seq on, oldest first; as many as `limit` or one answer of the database holds. */
  from(chat: string, seq: number, limit?: number): Promise<{ entries: LogEntry[]; more: boolean }>;
}

/** What became of a frame: `gone` is for good; `throttled` and `failed` are after its retries. */
export type Posted = 'taken' | 'gone' | 'throttled' | 'failed';

/** What is done later, by somebody else (lambdas/fan-out.ts), at least once. */
export interface Later {
  /**
   * @param why it is put off for a while: a reason, or what failed; absent, it is for now
   * @throws Unavailable, or OutcomeUnknown: then it may be done all the same
   */
  fanOut(rest: FanOut, why?: unknown): Promise<void>;
}

/** Which copy of what was sent to be done later is done. */
export interface Copies {
  /** Claims a part of a fan-out for a copy, until it expires. @returns whether it is that copy's, now or from before */
  claim(part: string, copy: string, expires: Millis): Promise<boolean>;
}

/** API Gateway ends every connection after 2 hours; what is older than this is gone, whatever is stored of it. */
export const CONNECTION_LIFE: Millis = (2 * 60 + 10) * 60_000;

/** The way to the clients. */
export interface Gateway {
  /** Taken by the gateway, which is no proof of receipt, or why not. */
  post(connectionId: string, frame: string): Promise<Posted>;
  /** Closes a connection; one that is gone already is fine. */
  close(connectionId: string): Promise<void>;
  /** Whether a connection is there: false is for good, and one that could not be asked about counts as there. */
  isOpen(connectionId: string): Promise<boolean>;
}

/** Time and chance come in from outside, so that tests are exact. */
export interface World {
  now(): Millis;
  newId(): string;
  /** Waits a random time, the longer the more often it was in vain. @param failures from 0 */
  backOff(failures: number): Promise<void>;
  /** Until whoever works here is stopped. */
  timeLeft(): Millis;
}

/** Passwords and tokens: what is stored tells nobody what they are. */
export interface Secrets {
  hash(password: string): Promise<string>;
  /** Takes as long if there is no hash to compare with. */
  matches(password: string, hash: string | undefined): Promise<boolean>;
  /** 256 random bits, in characters that a URL takes. */
  newToken(): string;
  digest(token: string): string;
}

/** So many a second, and so many at once after a pause. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** What the deployment asks of its users, and lets them do (lib/settings.ts). An absent limit is off. */
export interface Policy {
  passwords: 'optional' | 'required';
  /** The least characters of a new password. */
  passwordLength: number;
  sessionLife: Millis;
  /** Connections of one user at a time. */
  devices: number;
  /** Wrong passwords for one account before each next one has to wait. */
  failedLogins?: number;
  /** As many from one address, for whatever accounts. */
  failedLoginsOfAddress?: number;
}

/** Lets somebody do something as often as the policy says. */
export interface Meter {
  /**
   * Counts what is about to be done, unless there is no room for it.
   * @param price what it counts for; 1 if absent
   * @throws ChatError `rate_limited`
   */
  admit(whose: string, price?: number): Promise<void>;
  /** Counts what has been done already, room or not. */
  charge(whose: string, price: number): Promise<void>;
}

/** Lets something happen once in a while, over all instances of a function. */
export interface Pace {
  /** @returns whether it is time; then it is not again for a while */
  admit(what: string): Promise<boolean>;
}

/**
 * The database did not take a call, after all retries, and nothing was written by it. What a rule lets
 * through reaches the client as `busy`.
 */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/**
 * A write got no answer, or failed in a way that leaves open whether it took effect, then or later; or a part of what
 * was asked for is done, and the rest is not. It reaches the client as `outcome_unknown`: to ask again is safe.
 */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}

/** Who speaks: the connection that a request came by, and the form it came in. */
export interface Caller {
  connectionId: string;
  form: Form;
  /** A digest of the network address that it came from. */
  address: string;
  /** The user that an identity provider vouched for when the connection was opened. */
  identity?: string;
  /**
   * Counts the request on the user whose it turns out to be; absent, it costs nothing.
   * @param price what it counts for, if not what its definition says
   * @throws ChatError `rate_limited`
   */
  admit?(username: string, price?: number): Promise<void>;
}
