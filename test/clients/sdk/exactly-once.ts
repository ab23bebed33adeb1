import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type Chat, connect, type Message, register } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { startCloud } from '../../../local/cloud.ts';
import { readPlan } from '../../../local/faults/plan.ts';
import { randomFrom } from '../../../local/faults/random.ts';
import { ensureAssembly } from '../../../local/synth.ts';
import { flakySockets } from './flaky-socket.ts';

/** What to run. */
export interface Trial {
  messages: number;
  /** Milliseconds that a socket lives on average. */
  cutEvery: number;
  seed: number;
  /** What goes wrong in the service, as `npm start -- --faults` takes it. */
  faults: string;
  progress?: (line: string) => void;
}

/** What came of it: the contents, in the order in which they were there. */
export interface Outcome {
  sent: string[];
  /** In the log, read undisturbed. */
  stored: string[];
  /** Told by the client of the one whom they are for, through its restarts. */
  received: string[];
  /** Told by the client of the sender. */
  echoed: string[];
  cuts: number;
  restarts: number;
  /** How often each thing went wrong in the service. */
  faults: Record<string, number>;
}

/** Of everything that can go wrong for a message, at rates that leave most alone. */
export const SERVICE_FAULTS =
  'errorAfter=0.01,kill=0.01,twice=0.02,gone=0.01,throttled=0.01,error=0.02,lost=0.02,late=0.2,lateMs=300,missing=0.1';

const RESTARTS = 3;
const QUICK = { retryFirst: 40, retryMost: 200, request: 3_000, login: 3_000, gap: 20 };

/** One sends to another through a service and sockets that fail; both of their programs end and start again at times. */
export async function exactlyOnce(trial: Trial): Promise<Outcome> {
  const { messages, cutEvery, seed, faults, progress = () => {} } = trial;
  const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'parley-client-'));
  const { url } = cloud;
  const { webSocket, cuts } = flakySockets(cutEvery, randomFrom(`cuts ${seed}`));
  const random = randomFrom(`jitter ${seed}`);
  const received: string[] = [];
  const echoed: string[] = [];
  const device = (username: string, contents: string[]) => {
    const store = fileStore(join(folder, username));
    const chat = connect({ url, username, store, webSocket, random, timing: QUICK });
    chat.on('message', ({ content }) => contents.push(content));
    return chat;
  };
  try {
    for (const username of ['ann', 'bob']) await register({ url, username, webSocket: WebSocket });
    await cloud.setFaults(readPlan(faults, seed));
    let ann = device('ann', echoed);
    let bob = device('bob', received);
    // What is sent before a new device has begun is for its history to show.
    await Promise.all([isOnline(ann), isOnline(bob)]);
    const sent = Array.from({ length: messages }, (_, index) => `message ${index + 1}`);
    for (const content of sent) ann.send('bob', content);
    let restarts = 0;
    const isOver = () => received.length >= messages && echoed.length >= messages;
    while (!isOver()) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      progress(`${received.length} of ${messages} received, ${cuts.count} cuts, ${restarts} restarts`);
      if (restarts >= RESTARTS || received.length < (messages * (restarts + 1)) / (RESTARTS + 1)) continue;
      restarts++;
      ann.close();
      bob.close();
      ann = device('ann', echoed);
      bob = device('bob', received);
    }
    await cloud.setFaults();
    ann.close();
    bob.close();
    const stored = await readAll(url);
    const faultCounts = (await cloud.faultCounts()) as Record<string, number>;
    return { sent, stored, received, echoed, cuts: cuts.count, restarts, faults: faultCounts };
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true });
  }
}

function isOnline(chat: Chat): Promise<void> {
  return new Promise((resolve) => {
    chat.on('state', ({ state }) => state === 'online' && resolve());
  });
}

/** The whole log, by a client of its own that nothing happens to. */
async function readAll(url: string): Promise<string[]> {
  const chat = connect({ url, username: 'ann', webSocket: WebSocket });
  const all: Message[] = [];
  for (let before: number | undefined; before !== 1; before = all[0]?.seq ?? 1) {
    all.unshift(...(await chat.history({ user: 'bob' }, { before, limit: 200 })));
  }
  chat.close();
  return all.map(({ content }) => content);
}
