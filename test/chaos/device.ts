import { WebSocket } from 'ws';
import { opened, openSocket } from '../support/wire.ts';
import type { Delivery, Record, Sending, Session } from './record.ts';

// biome-ignore lint/suspicious/noExplicitAny: frames of every kind, and broken ones.
type Frame = any;

const PATIENCE = 6_000;
const DONE = new Set(['send_success', 'edit_message_success', 'delete_message_success']);
// Codes after which a retry is pointless.
const REFUSED = new Set(['not_a_member', 'unknown_message', 'limit_reached']);
const PUSHES = new Set(['RECEIVE_MESSAGE', 'RECEIVE_GROUP_MESSAGE', 'MESSAGE_EDITED', 'MESSAGE_DELETED']);

/** One device of a user: stays connected as well as it can, and records what happens. */
export class Device {
  readonly user: string;
  readonly name: string;
  /** Chat → the last applied seq; absent for a plain client, which keeps no state. */
  readonly cursors: Map<string, number> | undefined;
  /** Whether it takes several messages in one frame. */
  readonly #batches: boolean;
  readonly #record: Record;
  readonly #url: () => string;
  /** Chat → the highest seq that this device has seen, for `after_seq`. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Map<string, (frame: Frame) => void>();
  #socket: WebSocket | undefined;
  #logins = 0;
  #requests = 0;
  #loggedIn = false;
  #syncing = false;

  constructor(
    record: Record,
    url: () => string,
    user: string,
    number: number,
    hasCursors: boolean,
    hasBatches: boolean,
  ) {
    this.#record = record;
    this.#url = url;
    this.user = user;
    this.name = `${user}/${number}`;
    this.#batches = hasBatches;
    this.cursors = hasCursors ? new Map() : undefined;
    if (hasCursors) record.applied.set(this.name, []);
  }

  get isReady(): boolean {
    return this.#loggedIn && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects and logs in. @returns whether it worked */
  async logIn(): Promise<boolean> {
    this.drop();
    const session: Session = {
      id: `${this.name} ${++this.#logins}`,
      user: this.user,
      from: Date.now(),
      to: Number.POSITIVE_INFINITY,
    };
    const socket = openSocket(this.#url(), {
      handshakeTimeout: PATIENCE,
      // Lets the host attribute what the gateway accepted to this session.
      headers: { 'user-agent': session.id },
    });
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(data.toString(), session));
    const isOpen = await opened(socket).then(
      () => true,
      () => false,
    );
    if (!isOpen) return false;
    this.#record.sessions.push(session);
    socket.once('close', () => {
      session.to = Date.now();
      if (socket === this.#socket) this.#loggedIn = false;
    });
    const cursors = this.cursors && Object.fromEntries(this.cursors);
    const reply = await this.request({ type: 'login', username: this.user, cursors, batches: this.#batches });
    this.#loggedIn = reply?.status === 'login_success';
    return this.#loggedIn;
  }

  /** Ends the connection, abruptly or with a close frame. */
  drop(politely = false): void {
    const socket = this.#socket;
    this.#loggedIn = false;
    if (politely) socket?.close();
    else socket?.terminate();
  }

  /** @returns undefined if no answer came in time */
  request(fields: object): Promise<Frame | undefined> {
    const id = `${this.name} ${++this.#requests}`;
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(undefined);
    socket.send(JSON.stringify({ ...fields, request_id: id }));
    return new Promise((done) => {
      const end = (frame?: Frame) => {
        clearTimeout(timer);
        socket.off('close', gone);
        this.#waiting.delete(id);
        done(frame);
      };
      const gone = () => end();
      const timer = setTimeout(end, PATIENCE);
      socket.once('close', gone);
      this.#waiting.set(id, end);
    });
  }

  /** Sends once. @returns whether the sending is done, so no retry is needed */
  async send(sending: Sending): Promise<boolean> {
    const { to, isGroup } = sending;
    sending.attempts++;
    sending.after ??= this.#seen.get(isGroup ? `#${to}` : [this.user, to].sort().join(':')) ?? 0;
    const reply = await this.request(requestOf(sending));
    if (DONE.has(reply?.status)) {
      const { message_id, chat_id, seq } = reply;
      sending.sent ??= { message_id, chat_id, seq, at: Date.now() };
      // An edit's entry is delivered with the message's text at that time.
      if (sending.change) this.#expect(reply);
      else this.#apply(reply);
      return true;
    }
    if (reply?.code === 'not_logged_in') this.#loggedIn = false;
    if (reply?.code === 'too_far_back') sending.after = reply.after_seq;
    return REFUSED.has(reply?.code);
  }

  /** Fetches everything that it lacks. @param from where to continue after a login's page */
  async sync(from: object = {}): Promise<void> {
    if (!this.cursors || this.#syncing) return;
    this.#syncing = true;
    const cursors = Object.fromEntries(this.cursors);
    for (let next: object | undefined = from; next && this.isReady; ) {
      const asked = Date.now();
      const reply = await this.request({ type: 'sync', cursors, ...next });
      this.#skip(reply);
      for (const message of reply?.messages ?? []) this.#take(message, 'sync', asked);
      next = reply?.next;
    }
    this.#syncing = false;
  }

  /** Skips entries that no longer exist. */
  #skip(page: Frame): void {
    for (const [chat, oldest] of Object.entries((page?.oldest ?? {}) as globalThis.Record<string, number>))
      this.cursors?.set(chat, Math.max(oldest - 1, this.cursors.get(chat) ?? 0));
  }

  #receive(text: string, session: Session): void {
    const frame: Frame = JSON.parse(text);
    if (PUSHES.has(frame.type)) this.#take(frame, 'push');
    if (frame.type === 'MESSAGES') for (const message of frame.messages) this.#take(message, 'push');
    // A login's page has no request id; pages of `sync` are handled where they are requested.
    const page = frame.type === 'sync_response' && frame.request_id === undefined ? frame : undefined;
    this.#skip(page);
    const handed = [
      ...(frame.pending_messages ?? []),
      ...(frame.type === 'pending_messages' ? frame.messages : []),
      ...(page?.messages ?? []),
    ];
    for (const message of handed) this.#take(message, 'login', session.from);
    // Deferred until the login's reply, which may arrive in the same turn, has been handled.
    if (page?.next) setImmediate(() => void this.sync(page.next));
    this.#waiting.get(frame.request_id)?.(frame);
  }

  #take(message: Frame, via: Delivery['via'], asked?: number): void {
    const { message_id, chat_id, seq, content, edits, deletes } = message;
    this.#record.deliveries.push({
      user: this.user,
      device: this.name,
      message_id,
      chat_id,
      seq,
      content,
      ...(edits !== undefined && { edits }),
      ...(deletes !== undefined && { deletes }),
      via,
      at: Date.now(),
      ...(asked !== undefined && { asked }),
    });
    this.#apply(message);
  }

  /** Applies the next entry, drops a known one, and syncs when an entry before it is missing. */
  #apply({ message_id, chat_id, seq }: Frame): void {
    this.#seen.set(chat_id, Math.max(seq, this.#seen.get(chat_id) ?? 0));
    if (!this.cursors) return;
    const last = this.cursors.get(chat_id) ?? 0;
    if (seq > last + 1) void this.sync();
    if (seq !== last + 1) return;
    this.cursors.set(chat_id, seq);
    this.#record.applied.get(this.name)?.push({ chat_id, seq, message_id });
  }

  /** Notes that an entry with this seq exists, and syncs if the device lacks it. */
  #expect({ chat_id, seq }: Frame): void {
    this.#seen.set(chat_id, Math.max(seq, this.#seen.get(chat_id) ?? 0));
    if (seq > (this.cursors?.get(chat_id) ?? 0)) void this.sync();
  }
}

function requestOf({ key, to, isGroup, change, after }: Sending): object {
  const again = { client_message_id: key, after_seq: after };
  if (change?.kind === 'edits')
    return { type: 'edit_message', chat: change.chat_id, seq: change.seq, content: key, ...again };
  if (change) return { type: 'delete_message', chat: change.chat_id, seq: change.seq, ...again };
  return isGroup
    ? { type: 'SEND_GROUP_MESSAGE', groupname: to, content: key, ...again }
    : { type: 'SEND_MESSAGE', recipient: to, content: key, ...again };
}
