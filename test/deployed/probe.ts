import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { watchFrames } from '../../local/gateway/frame-guard.ts';
import { openSocket, sendInFragments } from '../support/wire.ts';

const PATIENCE_MS = 20_000;

/** How a message arrived: its text, and the size of each WebSocket frame in bytes. */
interface Arrival {
  text: string;
  frames: number[];
}

/** A connection that records everything that arrives. */
export class Probe {
  readonly socket: WebSocket;
  readonly arrivals: Arrival[] = [];
  readonly closed: Promise<number>;
  #frames: number[] = [];
  #changed: () => void = () => {};

  constructor(url: string) {
    this.socket = openSocket(url);
    this.closed = new Promise((closed) => this.socket.once('close', closed));
    this.socket.on('upgrade', ({ socket }: { socket: Duplex }) =>
      watchFrames(socket, (bytes) => this.#frames.push(bytes)),
    );
    this.socket.on('message', (data: Buffer) => {
      this.arrivals.push({ text: data.toString(), frames: this.#frames.splice(0) });
      this.#changed();
    });
    this.socket.on('close', () => this.#changed());
  }

  async open(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  /** Sends one message, in WebSocket frames of at most this many bytes. */
  send(text: string, frame = 32 * 1024): void {
    sendInFragments(this.socket, Buffer.from(text), frame);
  }

  /** Waits for this many matching messages, the end of the connection or of the time. @returns those that arrived */
  async until(fits: (text: string) => boolean, count = 1, patience = PATIENCE_MS): Promise<Arrival[]> {
    const found = () => this.arrivals.filter(({ text }) => fits(text));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#changed();
    }, patience);
    while (found().length < count && this.socket.readyState === this.socket.OPEN && !late) {
      await new Promise<void>((changed) => {
        this.#changed = changed;
      });
    }
    clearTimeout(timer);
    return found();
  }

  /** Sends a request; its reply is the frame with the same `request_id`. */
  async ask(fields: object): Promise<Record<string, unknown> | undefined> {
    const request_id = `p${Math.random().toString(36).slice(2)}`;
    this.send(JSON.stringify({ ...fields, request_id }));
    const [reply] = await this.until((text) => text.includes(request_id));
    return reply && (JSON.parse(reply.text) as Record<string, unknown>);
  }

  end(): void {
    this.socket.terminate();
  }
}
