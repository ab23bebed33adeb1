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

/** What the owner of a group decides. */
export interface GroupSettings {
  /** Whether a group takes only who is invited; absent, it takes everybody. */
  inviteOnly?: boolean;
}

/** A name that is taken, and by what. */
export interface Name extends GroupSettings {
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
export const INBOX_POINTERS = 50;

/** Who is online and what is owed, in one item: its atomicity is the proof (docs/guarantees.md, the inbox). */
export interface Inbox {
  connections: ReadonlyMap<string, Device>;
  /** Chat → the first seq that has not been handed over. */
  pending: ReadonlyMap<string, number>;
  /** It holds as many pointers as it can (`INBOX_POINTERS`). */
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
export interface Bucket {
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

/** Whose connection it is. */
export interface Bound {
  username: string;
  form: Form;
  /** The digest of the session's token that it logged in with, or got when it did. */
  session?: string;
  /** The mark of the login that bound it. */
  login?: string;
}

/** What became of a frame: `gone` is for good; `throttled` and `failed` are after its retries. */
export type Posted = 'taken' | 'gone' | 'throttled' | 'failed';

/** API Gateway ends every connection after 2 hours; what is older than this is gone, whatever is stored of it. */
export const CONNECTION_LIFE: Millis = (2 * 60 + 10) * 60_000;

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
