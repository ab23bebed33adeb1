import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type Chat, connect, type Message, type Options, register } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { startCloud } from '../../../local/cloud.ts';
import { readPlan } from '../../../local/faults/plan.ts';
import { randomFrom } from '../../../local/faults/random.ts';
import { ensureAssembly } from '../../../local/synth.ts';
import { startProvider } from '../../support/provider.ts';
import { synthesize } from '../../support/synthesize.ts';
import { flakySockets } from './flaky-socket.ts';

/** What to run. */
export interface Trial {
  messages: number;
  /** Milliseconds that a socket lives on average. */
  cutEvery: number;
  seed: number;
  /** What goes wrong in the service, as `npm start -- --faults` takes it. */
  faults: string;
  /** Seconds over which the messages are spread; absent, all are sent at once. */
  seconds?: number;
  /** Seconds that a token of an identity provider lasts; absent, there is no provider. */
  tokens?: number;
  /** What must have happened to the sockets before the end; absent, nothing. */
  least?: Partial<Counts>;
  /** Where the programs run; absent, in this process. */
  devices?: (world: World) => MakeDevice;
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
  counts: Counts;
  restarts: number;
  /** How often each thing went wrong in the service. */
  faults: Record<string, number>;
}

/** What happened to the sockets of a device. */
export interface Counts {
  cuts: number;
  /** Logins after the first one on a connection. */
  renewals: number;
  /** Commands that came after the login had run out. */
  expired: number;
}

/** Where devices are. */
export interface World {
  url: string;
  cutEvery: number;
  seed: number;
  folder: string;
  timing: NonNullable<Options['timing']>;
  /** As the SDK calls it; absent without a provider. */
  tokensOf?: (username: string) => NonNullable<Options['getToken']>;
}

/** One user's program. */
export interface Device {
  /** Resolves once it has been online. */
  ready: Promise<void>;
  send(content: string): Promise<void>;
  /** All that its client has told, from before restarts, too. */
  told(): Promise<string[]>;
  /** Ends the program at once, and starts it on what it has kept. */
  restart(): Promise<void>;
  counts(): Promise<Counts>;
  close(): Promise<void>;
}

type MakeDevice = (username: string) => Promise<Device>;

/** Of everything that can go wrong for a message, at rates that leave most alone. */
export const SERVICE_FAULTS =
  'errorAfter=0.01,kill=0.01,twice=0.02,gone=0.01,throttled=0.01,error=0.02,lost=0.02,late=0.2,lateMs=300,missing=0.1';

const RESTARTS = 3;
const QUICK = { retryFirst: 40, retryMost: 200, request: 3_000, login: 3_000, gap: 20 };

/** One sends to another through a service and sockets that fail; both of their programs end and start again at times. */
export async function exactlyOnce(trial: Trial): Promise<Outcome> {
  const { messages, cutEvery, seed, faults, seconds = 0, least = {}, progress = () => {} } = trial;
  const app = trial.tokens === undefined ? undefined : await anApp(trial.tokens, seed);
  const own = app && synthesize(app.context);
  const cloud = await startCloud({ assembly: own?.folder ?? (await ensureAssembly()), port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'parley-client-'));
  const { url } = cloud;
  const device = (trial.devices ?? inThisProcess)({
    ...{ url, cutEvery, seed, folder, timing: QUICK },
    tokensOf: app?.tokensOf,
  });
  const devices: Device[] = [];
  try {
    if (!app) for (const username of ['ann', 'bob']) await register({ url, username, webSocket: WebSocket });
    await cloud.setFaults(readPlan(faults, seed));
    const [ann, bob] = [await device('ann'), await device('bob')];
    devices.push(ann, bob);
    // What is sent before a new device has begun is for its history to show.
    await Promise.all([ann.ready, bob.ready]);
    const sent = Array.from({ length: messages }, (_, index) => `message ${index + 1}`);
    const began = Date.now();
    const isDue = (index: number) => Date.now() - began >= (index * seconds * 1000) / messages;
    let [next, restarts] = [0, 0];
    let received: string[] = [];
    let echoed: string[] = [];
    let isEventful = false;
    while (received.length < messages || echoed.length < messages || !isEventful) {
      for (; next < messages && isDue(next); next++) await ann.send(sent[next] ?? '');
      await new Promise((resolve) => setTimeout(resolve, 50));
      [received, echoed] = [await bob.told(), await ann.told()];
      const counts = sum(await ann.counts(), await bob.counts());
      isEventful = Object.entries(least).every(([what, least]) => counts[what as keyof Counts] >= least);
      progress(`${received.length} of ${messages} received, ${restarts} restarts, ${JSON.stringify(counts)}`);
      if (restarts >= RESTARTS || received.length < (messages * (restarts + 1)) / (RESTARTS + 1)) continue;
      restarts++;
      await Promise.all([ann.restart(), bob.restart()]);
    }
    await cloud.setFaults();
    const counts = sum(await ann.counts(), await bob.counts());
    await Promise.all([ann.close(), bob.close()]);
    const stored = await readAll(url, app?.undisturbed('ann'));
    const faultCounts = (await cloud.faultCounts()) as Record<string, number>;
    return { sent, stored, received, echoed, counts, restarts, faults: faultCounts };
  } finally {
    await cloud.close();
    app?.close();
    own?.remove();
    rmSync(folder, { recursive: true });
  }
}

const sum = (one: Counts, other: Counts): Counts => ({
  cuts: one.cuts + other.cuts,
  renewals: one.renewals + other.renewals,
  expired: one.expired + other.expired,
});

// How often the app has no token, and how often it gives one from its cache again.
const NO_TOKEN = 0.15;
const CACHED = 0.3;

/** An app with an identity provider whose sign-in fails at times and whose cache doesn't know how old a token is. */
async function anApp(lasts: number, seed: number) {
  const provider = await startProvider('chat');
  const random = randomFrom(`tokens ${seed}`);
  const fresh = (sub: string) => provider.tokenOf({ sub, exp: Math.ceil(Date.now() / 1000) + lasts });
  const tokensOf = (sub: string): NonNullable<Options['getToken']> => {
    let last = fresh(sub);
    return async (refused) => {
      if (random() < NO_TOKEN) throw new Error('The sign-in is down.');
      if (refused || random() >= CACHED) last = fresh(sub);
      return last;
    };
  };
  return {
    context: { jwtIssuer: provider.issuer, jwtAudience: 'chat', jwksUri: provider.jwksUri },
    tokensOf,
    undisturbed: (sub: string) => () => fresh(sub),
    close: () => provider.close(),
  };
}

/** Programs of Node's, each with a file. */
const inThisProcess = ({ url, cutEvery, seed, folder, timing, tokensOf }: World): MakeDevice => {
  const random = randomFrom(`jitter ${seed}`);
  return async (username) => {
    const { webSocket, counts } = flakySockets(cutEvery, randomFrom(`cuts ${seed} ${username}`));
    const contents: string[] = [];
    const getToken = tokensOf?.(username);
    const start = () => {
      const store = fileStore(join(folder, username));
      const chat = connect({ url, username, getToken, store, webSocket, random, timing });
      chat.on('message', ({ content }) => contents.push(content));
      return chat;
    };
    let chat = start();
    return {
      ready: isOnline(chat),
      send: async (content) => void chat.send(username === 'ann' ? 'bob' : 'ann', content),
      told: async () => contents,
      async restart() {
        chat.close();
        chat = start();
      },
      counts: async () => counts,
      close: async () => chat.close(),
    };
  };
};

function isOnline(chat: Chat): Promise<void> {
  return new Promise((resolve) => {
    chat.on('state', ({ state }) => state === 'online' && resolve());
  });
}

/** The whole log, by a client of its own that nothing happens to. */
async function readAll(url: string, getToken?: Options['getToken']): Promise<string[]> {
  const chat = connect({ url, username: 'ann', getToken, webSocket: WebSocket });
  const all: Message[] = [];
  for (let before: number | undefined; before !== 1; before = all[0]?.seq ?? 1) {
    all.unshift(...(await chat.history({ user: 'bob' }, { before, limit: 200 })));
  }
  chat.close();
  return all.map(({ content }) => content);
}
