import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { serviceLimits } from '../../local/gateway/limits.ts';
import { parseFrame } from '../support/frame.ts';
import { isPush, opened, openSocket, sendInFragments } from '../support/wire.ts';
import type { HostileFrame } from './frames.ts';

/** The result of a frame: a reply, the code that the socket was closed with, or neither. */
export interface Outcome {
  reply?: string;
  closed?: number;
  /** Somebody else's frame ended its session, which it was told before the socket was closed. */
  ended?: boolean;
}

// A route waits at most 29 s for its function, and then answers itself.
const PATIENCE_MS = serviceLimits.integration + 11_000;

/** One connection that sends one frame at a time, and sees everything that comes back. */
export class Attacker {
  /** Frames that are neither replies nor pushes. */
  readonly surplus: string[] = [];
  readonly #socket: WebSocket;
  #isFollowed = false;
  #settle: ((outcome: Outcome) => void) | undefined;
  #closed: number | undefined;
  #ended = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(data.toString()));
    socket.on('close', (code) => {
      this.#closed = code;
      this.#finish({ closed: code, ended: this.#ended });
    });
  }

  static async enter(url: string): Promise<Attacker> {
    const socket = openSocket(url);
    const attacker = new Attacker(socket);
    await opened(socket);
    return attacker;
  }

  /** Sends one frame, and waits for its result. */
  async send({ body, binary, fragment }: HostileFrame): Promise<Outcome> {
    if (this.#closed !== undefined) return { closed: this.#closed, ended: this.#ended };
    const outcome = this.#outcome();
    sendInFragments(this.#socket, body, fragment, binary);
    return outcome;
  }

  /** Sends a harmless line or object. @returns the reply, empty if there was none */
  async say(request: string | object): Promise<string> {
    const text = typeof request === 'string' ? request : JSON.stringify(request);
    const body = Buffer.from(text);
    return (
      (await this.send({ kind: 'harmless', body, binary: false, fragment: body.length + 1 })).reply ?? ''
    );
  }

  async leave(): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #outcome(): Promise<Outcome> {
    return new Promise((done) => {
      const timer = setTimeout(() => this.#finish({}), PATIENCE_MS);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        done(outcome);
      };
    });
  }

  #finish(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  #take(text: string): void {
    if (/^(session_ended |\{"type":"SESSION_ENDED")/.test(text)) this.#ended = true;
    const frame = parseFrame(text);
    // Further pages of pending messages follow a login, and are waited for.
    if (frame?.type !== 'pending_messages' && isPush(text)) return;
    // Further pages of a login follow its reply.
    if (this.#isFollowed && (frame?.type === 'pending_messages' || frame?.type === 'sync_response')) {
      if (frame.more) return;
      this.#isFollowed = false;
      this.#finish(this.#login);
      return;
    }
    if (!this.#settle) {
      this.surplus.push(text);
      return;
    }
    if (frame?.type === 'login_response' && frame.more) {
      this.#isFollowed = true;
      this.#login = { reply: text };
      return;
    }
    this.#finish({ reply: text });
  }

  #login: Outcome = {};
}
