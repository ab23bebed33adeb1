import type { ChatRef, Code, EditableChat, GroupFields, RequestError, Sending, State } from '../sdk/chat.ts';
import type { GroupProfile, UserProfile } from '../sdk/profiles.ts';
import type { Stage } from '../view/changes.ts';
import type { Invitation } from '../view/invitations.ts';
import type { Person } from '../view/people.ts';

/** Where something stands that is asked for. What was there before stays while it is asked for again. */
export interface Loading {
  /** Whether nothing is known yet. */
  readonly isLoading: boolean;
  /** Why the last attempt failed. What may pass is tried again with the next connection. */
  readonly error: RequestError | undefined;
}

/** The connection, and who is logged in. */
export interface Connection {
  readonly state: State;
  /** Empty until it is known. */
  readonly username: string;
  /** Why it waits or is closed. */
  readonly reason?: Code;
  /** The same as a sentence for people; empty if it is what they wanted. */
  readonly sentence?: string;
  /** With `waiting`: milliseconds from this state's beginning until the next attempt. */
  readonly retryInMs?: number;
}

/** A chat in the list. The same object until one of its fields changes. */
export interface ChatItem {
  /** The service's, fit as a key. */
  readonly id: string;
  /** What hooks take. */
  readonly chat: ChatRef;
  readonly kind: 'private' | 'group';
  /** The id of the partner or the group. */
  readonly name: string;
  /** How partner or group want to be called; the id without that. */
  readonly title: string;
  /** Unread messages of others, at least. */
  readonly unread: number;
  /** Whether there may be more: the service counts the newest 50 entries of a group. Show `50+` then. */
  readonly moreUnread: boolean;
  /** The time of the last entry, in ISO 8601. */
  readonly lastAt: string | undefined;
}

/** All chats of the user, newest first. They come as a whole, as only the newest could be sorted otherwise. */
export interface ChatList extends Loading {
  readonly chats: readonly ChatItem[];
}

/** Where a message stands. */
export type MessageStatus = 'sent' | 'sending' | 'not sent' | Stage;

/** A message as it will be once all is sent. The same object until one of its fields changes. */
export interface ChatMessage {
  /** Fit as a key: it stays when the message is stored. */
  readonly id: string;
  /** Its place in the chat; absent while it is not stored. */
  readonly seq: number | undefined;
  readonly sender: string;
  readonly isOwn: boolean;
  /** Whether it is the service's own: `sender` is "system" then, and no user. Show it as such, as users call themselves anything. */
  readonly isSystem: boolean;
  /** Empty if it is deleted. */
  readonly content: string;
  /** In ISO 8601; absent while it is not stored. */
  readonly timestamp: string | undefined;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
  readonly status: MessageStatus;
  /** Why it is `not sent`, `not saved` or `not deleted`, as a sentence. */
  readonly problem: string | undefined;
  /** Whether `undo` can take its deletion back. */
  readonly canUndo: boolean;
  /** Whether the partner of a private chat has read it; only of one's own. */
  readonly isRead: boolean;
  /** The `Sending` of the SDK that this message or its change is. */
  readonly sendingId: string | undefined;
}

/** What can be done in a chat. The same functions for as long as the provider is mounted. */
export interface ChatActions {
  /** Sends now or as soon as possible. The message is in the list at once. */
  send(content: string): Sending;
  /** Replaces the text of an own message. */
  edit(message: ChatMessage, content: string): void;
  /** Deletes an own message. @param undoMs how long `undo` is possible */
  remove(message: ChatMessage, undoMs?: number): void;
  /** Takes a deletion back, if `canUndo`. */
  undo(message: ChatMessage): void;
  /** Sends again what is `not sent`, `not saved` or `not deleted`. */
  retry(message: ChatMessage): void;
  /** Drops what is `not sent`, `not saved` or `not deleted`. */
  discard(message: ChatMessage): void;
  /** Everything up to this message was seen; without one, everything. */
  markRead(message?: ChatMessage): void;
  /** The seq up to which the user has read, now, or before which nothing is left to read that is not loaded; 0 if nothing. */
  readUpTo(): number;
  /** The user types: call it at each change of the text. */
  typing(): void;
  /** Loads the page before the first message, or again what failed. */
  loadOlder(): Promise<void>;
}

/** The messages of a chat that are known, oldest first. */
export interface Messages extends Loading, ChatActions {
  readonly messages: readonly ChatMessage[];
  /** Whether there may be messages before the first. */
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
}

/** The members of a group that are known, by id. */
export interface Members extends Loading {
  readonly members: readonly Person[];
  /** How many there are; undefined until it is known. */
  readonly count: number | undefined;
  readonly owner: string | undefined;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  loadMore(): Promise<void>;
  invite(username: string): Promise<void>;
  remove(username: string): Promise<void>;
}

/** Whether a user is there. */
export interface Presence extends Loading {
  readonly isOnline: boolean;
  /** In ISO 8601. */
  readonly lastSeen: string | undefined;
}

/** What a user shows. */
export interface Profile extends Loading {
  /** Fit to be shown: the display name, or the id. */
  readonly name: string;
  readonly profile: UserProfile | undefined;
}

/** What a group shows. */
export interface Group extends Loading {
  /** Fit to be shown: the title, or the id. */
  readonly title: string;
  readonly group: GroupProfile | undefined;
}

/** The user's open invitations, newest first. */
export interface InvitationList extends Loading {
  readonly invitations: readonly Invitation[];
  accept(group: string): Promise<void>;
  decline(group: string): Promise<void>;
}

/** What concerns no single chat. All reject with a `RequestError`. */
export interface Actions {
  /** The SDK's client, for everything else; not while rendering. */
  client(): EditableChat;
  /** Reads the list of chats again; it is read with each connection anyway. */
  refresh(): Promise<void>;
  createGroup(name: string, fields?: GroupFields): Promise<void>;
  joinGroup(name: string): Promise<void>;
  leaveGroup(name: string): Promise<void>;
  /** Sets this user's profile: what is absent stays, `''` removes. */
  setProfile(fields: {
    display_name?: string;
    avatar_url?: string;
    data?: UserProfile['data'];
  }): Promise<UserProfile>;
  /** Ends the session and removes this user's data from the browser. */
  logout(): Promise<void>;
}
