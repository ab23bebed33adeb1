// Runs in the page (chromium-device.ts). What it tells is in the store before the client moves its cursor on.
import { browserStore } from '../../../clients/sdk/browser-store.ts';
import { connect, type Options, type SocketConstructor } from '../../../clients/sdk/chat.ts';
import type { Counts } from '../sdk/exactly-once.ts';

/** What the device says to its page. */
export interface Given extends Pick<Options, 'url' | 'username' | 'timing'> {
  cutEvery: number;
  hasTokens: boolean;
}

/** The parts of the browser that are used here. */
interface Page {
  given: Given;
  signIn(refused?: string): Promise<{ token: string; error?: string }>;
  localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  WebSocket: SocketConstructor;
  chat: ReturnType<typeof connect>;
  wasOnline: boolean;
}

const page = globalThis as unknown as Page;
const { given, localStorage, signIn } = page;
const { url, username, timing, cutEvery, hasTokens } = given;

const read = <T>(key: string, otherwise: T): T =>
  JSON.parse(localStorage.getItem(key) ?? 'null') ?? otherwise;
const write = (key: string, value: unknown) => localStorage.setItem(key, JSON.stringify(value));

const counts = read<Counts>('counts', { cuts: 0, renewals: 0, expired: 0 });
function count(what: keyof Counts): void {
  counts[what]++;
  write('counts', counts);
}
write('counts', counts);

/** A socket that is cut after some time; what comes later is lost, as on a network that is gone. */
class FlakySocket {
  readonly #socket;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(address: string) {
    const socket = new page.WebSocket(address);
    this.#socket = socket;
    let logins = 0;
    const timer = setTimeout(
      () => {
        count('cuts');
        socket.onmessage = null;
        socket.close();
        this.onclose?.();
      },
      -Math.log(1 - Math.random()) * cutEvery,
    );
    socket.onopen = () => this.onopen?.();
    socket.onclose = () => {
      clearTimeout(timer);
      this.onclose?.();
    };
    socket.onmessage = (event: { data: string }) => {
      const { status, code } = JSON.parse(event.data);
      if (status === 'login_success' && logins++ > 0) count('renewals');
      if (code === 'session_expired') count('expired');
      this.onmessage?.(event);
    };
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  send(data: string): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }
}

async function getToken(refused?: string): Promise<string> {
  const { token, error } = await signIn(refused);
  if (error) throw new Error(error);
  return token;
}

const chat = connect({
  ...{ url, username, timing, webSocket: FlakySocket, store: browserStore() },
  getToken: hasTokens ? getToken : undefined,
});
const told = read<string[]>('told', []);
chat.on('message', ({ content }) => {
  told.push(content);
  write('told', told);
});
chat.on('state', ({ state }) => {
  page.wasOnline ||= state === 'online';
});
page.chat = chat;
