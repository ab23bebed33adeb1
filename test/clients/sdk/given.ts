import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Chat,
  connect,
  type EditableChat,
  type Message,
  type Options,
} from '../../../clients/sdk/chat.ts';
import { changes } from '../../../clients/sdk/editing.ts';
import { type KeyValueStore, partOfService } from '../../../clients/sdk/store.ts';
import { aServer, type FakeServer, type Peer } from './fake-server.ts';

/** So short that no test waits for long, and so long that none is a race where it would matter. */
const quick = { retryFirst: 10, retryMost: 50, gap: 5, late: 600_000 };

/** What clients take all fake servers for, so that what one kept of it is there for the next. */
const SERVICE = 'ws://service.example';

/** The part of a store in which clients of the fake servers keep what is theirs. */
export const partOfIt = (store: KeyValueStore): KeyValueStore => partOfService(store, SERVICE);

/** A client of `ann`, closed at the end of the test. */
export function aClient(server: { url: string }, options: Partial<Options> = {}): EditableChat {
  const timing = { ...quick, ...options.timing };
  const webSocket = class extends WebSocket {
    constructor() {
      super(server.url);
    }
  };
  const chat = connect({ url: SERVICE, username: 'ann', webSocket, changes, ...options, timing });
  onTestFinished(() => chat.close());
  return chat;
}

/** A client that is online, and the server's side of it. */
export async function online(
  options: Partial<Options> = {},
): Promise<{ server: FakeServer; chat: EditableChat; peer: Peer }> {
  const server = await aServer();
  const chat = aClient(server, options);
  const isOnline = next(chat, 'state', ({ state }) => state === 'online');
  const { peer } = await server.nextLoggedIn();
  await isOnline;
  return { server, chat, peer };
}

type Events = Parameters<Chat['on']>[0];
type EventOf<E extends Events> = Parameters<Parameters<Chat['on']>[1]>[0] &
  (E extends 'message' ? Message : unknown);

/** The next event that is accepted. */
export function next<E extends Events>(
  chat: Chat,
  event: E,
  // biome-ignore lint/suspicious/noExplicitAny: each event has a type of its own.
  accepts: (event: any) => boolean = () => true,
): Promise<EventOf<E>> {
  return new Promise((resolve) => {
    const end = chat.on(event, (value) => {
      if (!accepts(value)) return;
      end();
      resolve(value as EventOf<E>);
    });
  });
}

/** The text of every message that is told, as it is told. */
export function told(chat: Chat): string[] {
  const texts: string[] = [];
  chat.on('message', ({ content }) => texts.push(content));
  return texts;
}

/** A message from `bob` to `ann`, as history has it. */
export const fromBob = (seq: number, more: object = {}) => ({
  message_id: `id ${seq}`,
  chat_id: 'ann:bob',
  seq,
  sender: 'bob',
  recipient: 'ann',
  content: `message ${seq}`,
  timestamp: '2024-08-21T10:01:00.000Z',
  ...more,
});

/** The same as a push. */
export const pushFromBob = (seq: number, more: object = {}) => ({
  type: 'RECEIVE_MESSAGE',
  ...fromBob(seq, more),
});

/** What a send is answered with. */
export const receipt = (seq: number) => ({
  message_id: `id ${seq}`,
  chat_id: 'ann:bob',
  seq,
  timestamp: '2024-08-21T10:01:00.000Z',
});
