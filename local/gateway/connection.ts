import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Faults } from '../faults/faults.ts';
import type { GatewayLimits } from './limits.ts';

/** The other end of a connection, as events describe it. */
interface Identity {
  sourceIp: string;
  userAgent: string;
}

/** A client as known from its handshake. */
export interface Peer {
  id: string;
  connectedAt: number;
  identity: Identity;
}

/** Creates an id like API Gateway's: 16 characters of base64, the last one `=`. */
export const newConnectionId = (): string => `${randomBytes(12).toString('base64url').slice(0, 15)}=`;

/** A client's connection, with API Gateway's time limits. */
export class Connection implements Peer {
  readonly id: string;
  readonly connectedAt: number;
  readonly identity: Identity;
  lastActiveAt = Date.now();
  /** Why it ended, for `$disconnect`. */
  closing: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  readonly #limits: GatewayLimits;
  readonly #faults: Faults;
  readonly #life: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, peer: Peer, limits: GatewayLimits, faults: Faults) {
    this.#socket = socket;
    this.id = peer.id;
    this.connectedAt = peer.connectedAt;
    this.identity = peer.identity;
    this.#limits = limits;
    this.#faults = faults;
    this.#life = setTimeout(() => this.close(1001, 'Connection duration exceeded'), limits.life);
    this.touch();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Restarts the idle timer, after a message in either direction. */
  touch(): void {
    this.lastActiveAt = Date.now();
    if (this.#idle) this.#idle.refresh();
    else this.#idle = setTimeout(() => this.close(1001, 'Going away'), this.#limits.idle);
  }

  /** Whether the client has stopped reading and too much is buffered for it. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > this.#limits.backlog;
  }

  /** Sends a message in frames of at most 32 KB. Disconnects a client that doesn't read. */
  send(data: Buffer): void {
    this.touch();
    if (this.isFull || this.#faults.happens('cut')) {
      this.#socket.terminate();
      return;
    }
    const { frame } = this.#limits;
    for (let start = 0; start < data.length || start === 0; start += frame) {
      const fin = start + frame >= data.length;
      this.#socket.send(data.subarray(start, start + frame), { binary: false, fin });
    }
  }

  close(code: number, reason: string): void {
    this.closing ??= { code, reason };
    this.#socket.close(code, reason);
  }

  /** Closes the socket without a closing handshake. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Stops the timers. */
  ended(): void {
    clearTimeout(this.#life);
    clearTimeout(this.#idle);
  }
}
