import { type ClientOptions, WebSocket } from 'ws';
import { events, pushes } from '../../protocol/index.ts';
import { parseFrame } from './frame.ts';

/** A socket of a test's client, which has no error of its own: `close` follows. */
export function openSocket(url: string, options: ClientOptions = {}): WebSocket {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  socket.on('error', () => {});
  return socket;
}

/** Waits until a socket is open. @throws Error if it can't be opened */
export const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The socket was closed before it was open')));
  });

/** Sends one message, in WebSocket frames of at most so many bytes. */
export function sendInFragments(socket: WebSocket, bytes: Uint8Array, size: number, binary = false): void {
  for (let at = 0; at === 0 || at < bytes.length; at += size)
    socket.send(bytes.subarray(at, at + size), { binary, fin: at + size >= bytes.length });
}

// The first word of a line names it.
const PUSHED_WORDS = new Set([
  ...['receive', 'edited', 'deleted', 'session_ended'],
  ...Object.keys(events).map((type) => type.toLowerCase()),
]);

/** Whether a frame is a push, and not a reply. */
export const isPush = (text: string): boolean =>
  PUSHED_WORDS.has(text.split(' ', 1)[0] ?? '') || (parseFrame(text)?.type ?? '') in pushes;
