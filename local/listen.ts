import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as Listener } from 'node:net';

// Clients differ in the address they try first: Node takes the resolver's order, Chromium ::1.
const LOCALHOST = ['127.0.0.1', '::1'];
// Errors of a machine without IPv6 or IPv4.
const NOT_HERE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);
const TRIES = 10;

/** A listening server. */
export interface Listening {
  port: number;
  /** Stops accepting connections. */
  stop(): void;
}

/**
 * Listens on a port of a host; for `localhost` on both of its addresses, if this machine has them.
 * @param port 0 picks one that is free on all of them
 * @throws Error with the code `EADDRINUSE` if another process uses the port on any of them
 */
export async function listenOn(server: Server, port: number, host: string): Promise<Listening> {
  const addresses = host === 'localhost' ? LOCALHOST : [host];
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnAll(server, port, addresses);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || port !== 0 || tries === TRIES) throw error;
    }
  }
}

async function listenOnAll(server: Server, port: number, addresses: readonly string[]): Promise<Listening> {
  const listeners: Listener[] = [];
  const stop = () => {
    for (const listener of listeners) listener.close();
  };
  let failure: Error | undefined;
  let bound = port;
  try {
    for (const address of addresses) {
      // An HTTP server listens on a single address; connections to the other one are passed to it.
      const listener =
        listeners.length === 0 ? server : createServer((socket) => server.emit('connection', socket));
      failure = (await listens(listener, bound, address)) ?? failure;
      if (!listener.listening) continue;
      listeners.push(listener);
      bound = (listener.address() as AddressInfo).port;
    }
  } catch (error) {
    stop();
    throw error;
  }
  if (listeners.length === 0) throw failure ?? new Error('There is no address to listen on');
  return { port: bound, stop };
}

/** @returns the error if the machine has no such address */
async function listens(listener: Listener, port: number, address: string): Promise<Error | undefined> {
  listener.listen(port, address);
  try {
    await once(listener, 'listening');
    return undefined;
  } catch (error) {
    if (NOT_HERE.has((error as NodeJS.ErrnoException).code ?? '')) return error as Error;
    throw error;
  }
}
