import type { WebSocket } from 'ws';
import { type Frame, parseFrame } from './frame.ts';
import { isPush, opened, openSocket, sendInFragments } from './wire.ts';

/** API Gateway takes frames up to 32 KB; what is longer must come in fragments. */
const FRAGMENT = 32 * 1024;
// Only what never comes takes so long: it is a little less than a test may take, so that the failure says what was missing.
const PATIENCE_MS = 100_000;

interface Waiter {
  accepts(text: string): boolean;
  resolve(text: string): void;
  reject(error: Error): void;
}

/** A client of the wire: it keeps every frame that nobody has asked for yet, so that none goes unseen. */
export class Client {
  /** The user that `login` succeeded for. */
  name = '';
  /** The size of the largest message that came, in bytes. */
  largest = 0;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  private readonly frames: string[] = [];
  private readonly waiters: Waiter[] = [];
  private readonly listeners: ((text: string) => boolean)[] = [];
  private requests = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('message', (data) => this.take(data as Buffer));
    socket.on('close', (code) => {
      for (const { reject } of this.waiters.splice(0))
        reject(this.complaint(`the socket closed with ${code}`));
    });
  }

  private take(data: Buffer): void {
    this.largest = Math.max(this.largest, data.length);
    const text = data.toString('utf8');
    if (this.listeners.some((takes) => takes(text))) return;
    const index = this.waiters.findIndex(({ accepts }) => accepts(text));
    if (index === -1) this.frames.push(text);
    else this.waiters.splice(index, 1)[0]?.resolve(text);
  }

  private complaint(what: string): Error {
    const seen = this.frames.map((frame) => `  ${frame.slice(0, 300)}`).join('\n');
    return new Error(
      `${this.name || 'client'}: ${what}; frames that came and nobody took:\n${seen || '  none'}`,
    );
  }

  /** Sends a frame as it is, in fragments if it is long. */
  send(text: string): void {
    sendInFragments(this.socket, Buffer.from(text), FRAGMENT);
  }

  /** The first frame, come or to come, that `accepts` takes. */
  nextText(what: string, accepts: (text: string) => boolean): Promise<string> {
    const index = this.frames.findIndex(accepts);
    if (index !== -1) return Promise.resolve(this.frames.splice(index, 1)[0] as string);
    // Made here, so that its stack shows the test that waits.
    const late = this.complaint('');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        late.message = this.complaint(`waited in vain for ${what}`).message;
        reject(late);
      }, PATIENCE_MS);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      const waiter = { accepts, resolve: settle(resolve), reject: settle(reject) };
      this.waiters.push(waiter);
    });
  }

  /** From now on all that `takes` takes goes to it, and to nobody who waits. */
  listen(takes: (text: string) => boolean): void {
    this.listeners.push(takes);
  }

  /** The first JSON frame with these fields. */
  async next(fields: Partial<Frame>): Promise<Frame> {
    const text = await this.nextText(JSON.stringify(fields), (candidate) => {
      const frame = parseFrame(candidate);
      return frame !== undefined && matches(frame, fields);
    });
    return JSON.parse(text);
  }

  /** Sends a JSON request; its reply is the frame with the same `request_id`. */
  request(fields: object): Promise<Frame> {
    this.requests += 1;
    const request = { request_id: `r${this.requests}`, ...fields };
    this.send(JSON.stringify(request));
    return this.next({ request_id: request.request_id });
  }

  /** Sends a frame as it is; its reply is the next frame which is no push. */
  async say(line: string): Promise<string> {
    this.send(line);
    return this.nextText(`a reply to ${line.slice(0, 80)}`, (text) => !isPush(text));
  }

  /** As `say`, for a reply in JSON. */
  async ask(frame: string): Promise<Frame> {
    const reply = await this.say(frame);
    return parseFrame(reply) ?? { type: `no JSON: ${reply}` };
  }

  /** The next line of the text form that begins so. */
  line(start: string): Promise<string> {
    return this.nextText(`a line that begins with ${start}`, (text) => text.startsWith(start));
  }

  /** Takes all frames that have come by now. Pushes go out before the reply to their send. */
  async arrived(): Promise<string[]> {
    await this.request({ type: 'ping' });
    return this.frames.splice(0);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

const matches = (frame: Frame, fields: Partial<Frame>): boolean =>
  Object.entries(fields).every(([field, value]) => frame[field as keyof Frame] === value);

/** Opens a connection. */
export async function connect(url: string): Promise<Client> {
  const client = new Client(openSocket(url));
  await opened(client.socket);
  return client;
}
