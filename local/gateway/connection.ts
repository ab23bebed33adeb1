import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Faults } from '../faults/faults.ts';
import type { GatewayLimits } from './limits.ts';

/** Who is at the other end, as events tell it. */
interface Identity {
  sourceIp: string;
  userAgent: string;
}

/** What is known of a client from its handshake on. */
export interface Peer {
  id: string;
  connectedAt: number;
  identity: Identity;
  /** What the authorizer of `$connect` said of it. */
  authorizer?: Readonly<Record<string, string>>;
}

/** Like API Gateway's own: 16 characters of base64, the last a `=`. */
export const newConnectionId = (): string => `${randomBytes(12).toString('base64url').slice(0, 15)}=`;

/** One client's connection, with API Gateway's clocks on it. */
export class Connection implements Peer {
  readonly id: string;
  readonly connectedAt: number;
  readonly identity: Identity;
  readonly authorizer: Peer['authorizer'];
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
    this.authorizer = peer.authorizer;
    this.#limits = limits;
    this.#faults = faults;
    this.#life = setTimeout(() => this.close(1001, 'Connection duration exceeded'), limits.life);
    this.touch();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Something was said in one direction or the other. */
  touch(): void {
    this.lastActiveAt = Date.now();
    if (this.#idle) this.#idle.refresh();
    else this.#idle = setTimeout(() => this.close(1001, 'Going away'), this.#limits.idle);
  }

  /** Whether its client does not read, and too much has piled up. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > this.#limits.backlog;
  }

  /** Sends a message, in frames of at most 32 KB. A client that does not read its replies is cut off. */
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

  /** Without a closing handshake. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Its clocks stop. */
  ended(): void {
    clearTimeout(this.#life);
    clearTimeout(this.#idle);
  }
}
