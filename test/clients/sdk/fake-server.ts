import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Frame } from '../../../clients/sdk/types.ts';

/** A queue that can be waited at. */
class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  put(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    return this.#items.length > 0
      ? Promise.resolve(this.#items.shift() as T)
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get length(): number {
    return this.#items.length;
  }
}

/** One connection, as the server has it. Nothing is answered by itself. */
export class Peer {
  readonly closed: Promise<unknown>;
  readonly #socket: WebSocket;
  readonly #frames = new Queue<Frame>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = once(socket, 'close');
    socket.on('message', (data) => this.#frames.put(JSON.parse(String(data))));
  }

  /** How many frames have come that the test has not taken. */
  get untaken(): number {
    return this.#frames.length;
  }

  /** The next frame from the client. */
  any(): Promise<Frame> {
    return this.#frames.take();
  }

  /** The next frame from the client, which must be of this type. */
  async next(type: string): Promise<Frame> {
    const frame = await this.any();
    if (frame.type !== type) throw new Error(`Expected ${type}, got ${JSON.stringify(frame)}`);
    return frame;
  }

  push(...frames: object[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  reply({ request_id }: Frame, fields: object = {}): void {
    this.push({ type: 'reply', status: 'success', request_id, ...fields });
  }

  refuse({ request_id }: Frame, code: string, fields: object = {}): void {
    this.push({ type: 'reply', status: 'fail', request_id, code, reason: `It is ${code}.`, ...fields });
  }

  /** Takes the next frame of this type and answers it. @returns the frame */
  async answer(type: string, fields: object = {}): Promise<Frame> {
    const frame = await this.next(type);
    this.reply(frame, fields);
    return frame;
  }

  /** As the service does. */
  close(): void {
    this.#socket.close();
  }

  /** Without a word, as a network does. */
  cut(): void {
    this.#socket.terminate();
  }
}

/** A server that does what its test says, and nothing else. */
export class FakeServer {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #peers = new Queue<Peer>();

  constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#peers.put(new Peer(socket)));
  }

  /** How many connections were opened that the test has not taken. */
  get untaken(): number {
    return this.#peers.length;
  }

  /** The next connection that a client opens. */
  next(): Promise<Peer> {
    return this.#peers.take();
  }

  /** The next connection, which is logged in as `ann` who has sent nothing and is owed nothing. @param fields of the reply */
  async nextLoggedIn(fields: object = {}): Promise<{ peer: Peer; login: Frame }> {
    const peer = await this.next();
    const login = await peer.answer('login', {
      username: 'ann',
      pending_messages: [],
      groups: [],
      ...fields,
    });
    if (login.cursors)
      peer.push({ type: 'sync_response', status: 'sync_success', messages: [], more: false });
    else await peer.answer('list_chats', { chats: [] });
    return { peer, login };
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

/** A server for one test. @param port 0 picks a free one */
export async function aServer(port = 0): Promise<FakeServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const fake = new FakeServer(server);
  onTestFinished(() => fake.close());
  return fake;
}
