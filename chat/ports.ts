import type {
  Bound,
  Bucket,
  Claimed,
  Consistency,
  Counted,
  Credential,
  Device,
  FanOut,
  GroupSettings,
  Handed,
  Inbox,
  LogEntry,
  Member,
  MemberRow,
  Membership,
  Millis,
  Name,
  OverflowPointer,
  Posted,
  Session,
} from './model.ts';

/** All names of users and groups. */
export interface Directory {
  /**
   * Claims a name.
   * @returns the claim that holds now: this one (its `mark` tells), or the one that was first
   */
  reserve(name: Name): Promise<Name>;
  get(name: string): Promise<Name | undefined>;
  /** Says who has found nobody in a group and is about to take its name. @returns false if it is another's by now */
  startTakeover(group: Claimed, mark: string): Promise<boolean>;
  /** Gives a group's name to whoever wants it, by the mark of the new one; false if nobody does any more. */
  takeOver(group: Claimed, name: Name): Promise<boolean>;
  /** Nobody wants a group's name any more: somebody is in it. @returns false if it is another's by now */
  cancelTakeover(group: Claimed): Promise<boolean>;
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
  passOwnership(group: Claimed, from: string | undefined, to: string): Promise<Name | undefined>;
  /** Sets what its owner decides of a group. @returns false if the name is another's by now */
  updateSettings(group: Claimed, settings: GroupSettings): Promise<boolean>;
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
export interface RateLimits {
  getMany(ids: readonly string[]): Promise<Map<string, Bucket>>;
  /**
   * Sets a level, provided that it is still as it was found.
   * @param empty when nothing of it will be left, so that it need not be kept
   * @returns undefined if it was set, else the level that stood against it
   */
  set(id: string, found: Bucket | undefined, level: Bucket, empty: Millis): Promise<Bucket | undefined>;
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
  create(username: string): Promise<void>;
  /** Empties the inbox of a user who is nowhere any more; its epoch stays. */
  forget(username: string): Promise<void>;
  /** Begins the next epoch and returns the inbox as it then is. */
  revoke(username: string): Promise<Inbox>;
  /**
   * Makes sure that `pending[chat]` ≤ seq, provided that nobody is connected and there is room.
   * @returns undefined if it was written, else the inbox that stood against it
   */
  markPending(username: string, chat: string, seq: number): Promise<Inbox | undefined>;
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
  ackPending(
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
  addPeer(chat: string, username: string): Promise<void>;
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

/** What is done later, by somebody else (lambdas/fan-out.ts), at least once. */
export interface FanOutQueue {
  /**
   * @param why it is put off for a while: a reason, or what failed; absent, it is for now
   * @throws Unavailable, or OutcomeUnknown: then it may be done all the same
   */
  send(rest: FanOut, why?: unknown): Promise<void>;
}

/** Which copy of what was sent to be done later is done. */
export interface Copies {
  /** Claims a part of a fan-out for a copy, until it expires. @returns whether it is that copy's, now or from before */
  claim(part: string, copy: string, expires: Millis): Promise<boolean>;
}

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

/** Lets somebody do something as often as the policy says. */
export interface RateLimiter {
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
export interface Cooldown {
  /** @returns whether it is time; then it is not again for a while */
  admit(what: string): Promise<boolean>;
}
