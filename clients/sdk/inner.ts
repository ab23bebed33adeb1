import type { Credentials } from './credentials.ts';
import type { Code, RequestError } from './errors.ts';
import type { Logs } from './logs.ts';
import type { Outbox } from './outbox.ts';
import type { Session } from './session.ts';
import type { Sync } from './sync.ts';
import type { Timing } from './timing.ts';
import type { Chat, ChatRef, Frame, Message, Options, Recipient } from './types.ts';

/**
 * The inside of a client, which works in memory. Its store (keeping.ts) and `changes` add what only their users need: before
 * it connects, they replace functions of these objects by ones that call them. They are modules of their own, so they import
 * no class and no state of the client, but find it here.
 */
export interface Inner {
  readonly options: Options;
  readonly timing: Timing;
  readonly credentials: Credentials;
  readonly logs: Logs;
  readonly sync: Sync;
  readonly outbox: Outbox;
  readonly session: Session;
  readonly on: Chat['on'];
  readonly error: new (code: Code, reason: string) => RequestError;
  isTransient(error: unknown): boolean;
  /** The recipient as the server spells it. */
  spelled(to: Recipient): Recipient;
  /** Sends a request of the app. @throws RequestError */
  request(request: Frame): Promise<Frame>;
  /** A page of a chat before a seq; without one, the newest. @throws RequestError */
  page(chat: ChatRef, before: number | undefined, limit: number): Promise<Message[]>;
  /** The user has left this chat. */
  forget(chatId: string): void;
  /** The user has logged out. @param detail where, if not here */
  leave(detail?: string): void;
  /** Logs out. @returns whether the service knows */
  logout(): Promise<boolean>;
  /** Ends a session on a connection of its own, once the service can be reached. @throws RequestError */
  endSession(token: string): Promise<unknown>;
}
