import { openSocket } from './socket.ts';
import { standardTiming } from './timing.ts';
import type { Frame, Options, SocketConstructor } from './types.ts';

/** Which service to connect to. */
export type Server = Pick<Options, 'url' | 'webSocket'>;

/** Registers a user. @throws RequestError `name_taken`, `invalid_name`, `unreachable`, … */
export async function register(options: Server & Pick<Options, 'username' | 'password'>): Promise<void> {
  const { username, password } = options;
  await askOnce(options, { type: 'register', username, password });
}

/** Sends one request on a connection of its own. @throws RequestError */
export async function askOnce(server: Server, request: object): Promise<Frame> {
  const socket = openSocket(server.url, socketOf(server), standardTiming, () => {});
  try {
    await socket.opened;
    return await socket.ask(request);
  } finally {
    socket.end('closed');
  }
}

/** @throws Error if there is none */
export function socketOf({ webSocket }: Server): SocketConstructor {
  const found = webSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (!found) throw new Error('No global WebSocket: pass one as `webSocket`.');
  return found;
}
