import { RequestError } from './errors.ts';
import { Socket } from './socket.ts';
import { standardTiming } from './timing.ts';
import type { Options, SocketConstructor } from './types.ts';

/** Registers a user. @throws RequestError `name_taken`, `invalid_name`, `unreachable`, … */
export async function register(
  options: Pick<Options, 'url' | 'username' | 'password' | 'webSocket'>,
): Promise<void> {
  const { url, username, password } = options;
  const socket = new Socket(url, socketOf(options), standardTiming, () => {});
  try {
    if (!(await socket.opened)) throw new RequestError('unreachable', 'The server cannot be reached.');
    await socket.ask({ type: 'register', username, password });
  } finally {
    socket.end('closed');
  }
}

/** @throws Error if there is none */
export function socketOf({ webSocket }: Pick<Options, 'webSocket'>): SocketConstructor {
  const found = webSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (!found) throw new Error('There is no WebSocket here: pass one as `webSocket`.');
  return found;
}
