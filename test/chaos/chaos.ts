import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusEvent } from '../../protocol/index.ts';
import { freePort } from '../support/free-port.ts';
import { webhook } from '../support/webhook.ts';
import { check, type Verdict } from './check.ts';
import { missingEvents, missingPoison, type Told, wrongEvents } from './check-events.ts';
import { Device } from './device.ts';
import { readNotes, readTold } from './notes.ts';
import { live, readAll, type Stage, settle } from './play.ts';
import { emptyRecord, type Record } from './record.ts';
import { type Counts, Server } from './server.ts';

/** The parameters of a run. */
export interface ChaosOptions {
  seed: number;
  seconds: number;
  /** Until this is so it goes on, however long: a busy machine does little in a minute. Absent, it ends after its time. */
  enough?: (record: Record) => boolean;
  users: number;
  /** In the format of `npm start -- --faults`. */
  faults?: string;
  /** Seconds between kills of the whole process; 0 for none. */
  killEvery?: number;
  /** Whether there are events, and poison among their records. */
  events?: boolean;
  progress?: (line: string) => void;
}

/** The result of a run. */
export interface ChaosResult {
  options: ChaosOptions;
  record: Record;
  verdict: Verdict;
  /** With `events`. */
  told?: Told;
  kills: number;
  /** Injected faults, by kind. */
  faults: Counts;
  /** Errors that the functions logged, by message. */
  errors: Counts;
}

/** All faults at once, at rates that leave some messages unaffected. */
const ALL_FAULTS = [
  'throttle=0.01,errorBefore=0.01,errorAfter=0.01,errorLate=0.01,delay=0.02,stale=0.3',
  'kill=0.008,hang=0.001,cold=0.01,twice=0.01',
  'gone=0.01,throttled=0.01,error=0.01,lost=0.005,late=0.2,missing=0.1,early=0.003,cut=0.005',
].join(',');

/** Likewise for events, in addition. */
const EVENT_FAULTS = [
  'recordsLate=0.05,recordsTwice=0.05,recordsFail=0.02,entryFails=0.02',
  'eventLate=0.1,eventTwice=0.05,targetFails=0.05',
].join(',');

/** The setting in a run: with an even seed, messages to groups in quick succession wait for one another; by default they don't. */
export const batchWindowOf = (seed: number): string => (seed % 2 === 0 ? '1' : 'off');

/** Half of the users keep cursors, half are plain clients without any state; every fourth has two devices. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, seconds, enough = () => true, users, killEvery = 20, progress = () => {} } = options;
  const { faults = options.events ? `${ALL_FAULTS},${EVENT_FAULTS}` : ALL_FAULTS } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
  const [data, notes] = [join(scratch, 'db'), join(scratch, 'notes')];
  mkdirSync(notes);
  const hook = options.events ? await webhook<BusEvent>() : undefined;
  const server = new Server(data, notes, await freePort(), batchWindowOf(seed), hook?.url);
  const record = emptyRecord();
  let verdict: Verdict;
  let told: Told | undefined;
  try {
    await server.start();
    const stage = await setUp(record, server, users, seed);
    await server.kill();
    await server.start(faults, seed);
    await play(stage, server, { faults, seed, seconds, enough, killEvery, progress });
    await server.kill();
    await server.start();
    await settle(stage);
    await readAll(stage);
    Object.assign(record, readNotes(notes, data));
    // Checked while the last sessions are open: everything that was accepted for them must have arrived.
    verdict = check(record);
    if (hook) {
      told = await toldBy(record, () => ({ ...readTold(notes, data), events: hook.got }), progress);
      verdict.violations.push(...wrongEvents(record, told));
    }
    for (const device of stage.devices) device.drop(true);
  } finally {
    await server.kill();
    hook?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  return {
    options,
    record,
    verdict,
    ...(told && { told }),
    kills: server.kills - 3,
    faults: server.faults,
    errors: server.errors,
  };
}

// For what is still on its way, without any news.
const PATIENCE_MS = 120_000;

/** Waits until all is told that has to be, or nothing more comes. */
async function toldBy(record: Record, read: () => Told, progress: (line: string) => void): Promise<Told> {
  let told = read();
  let news = Date.now();
  for (let missing = Number.POSITIVE_INFINITY; Date.now() - news < PATIENCE_MS; ) {
    told = read();
    const left = missingEvents(record, told).length + missingPoison(told).length;
    if (left === 0) break;
    if (left < missing) news = Date.now();
    missing = Math.min(missing, left);
    progress(`${left} events have not come yet`);
    await new Promise((done) => setTimeout(done, 200));
  }
  return told;
}

async function setUp(record: Record, server: Server, users: number, seed: number): Promise<Stage> {
  const groups = ['red', 'blue'];
  const devices: Device[] = [];
  for (let index = 0; index < users; index++) {
    const user = `user${index}`;
    const hasCursors = index % 2 === 0;
    record.kinds.set(user, hasCursors ? 'cursor' : 'plain');
    for (let number = 0; number <= (index % 4 === 0 ? 1 : 0); number++) {
      // Of either kind, some take several messages in one frame.
      const hasBatches = index % 3 !== 0;
      devices.push(new Device(record, () => server.url, user, number, hasCursors, hasBatches));
    }
    await registered(devices.find((device) => device.user === user) as Device, user);
  }
  for (const [index, group] of groups.entries()) {
    for (const user of record.kinds.keys()) {
      const device = devices.find((each) => each.user === user) as Device;
      // A plain user is in one group, which it leaves and joins; the others are in both.
      if (record.kinds.get(user) === 'plain' && Number(user.slice(4)) % 4 !== index * 2 + 1) continue;
      await answered(device, { type: 'create_group', group_name: group });
      const joining = Date.now();
      await answered(device, { type: 'join_group', group_id: group });
      const forever = Number.POSITIVE_INFINITY;
      record.memberships.push({ user, group, joining, joined: Date.now(), leaving: forever, left: forever });
    }
  }
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  return { record, devices, groups, random, until: 0 };
}

// A device gives up waiting after seconds, which a busy machine may need more than once.
const TRIES = 20;

/** The user exists, and this device is logged in. */
async function registered(device: Device, user: string): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    if (await device.logIn()) return;
    await device.request({ type: 'register', username: user });
  }
  throw new Error(`${user} cannot log in`);
}

/** For what may be asked again: the group is there, the user is in it. */
async function answered(device: Device, request: { type: string; [field: string]: unknown }): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) if (await device.request(request)) return;
  throw new Error(`${device.user} gets no answer to ${request.type}`);
}

interface Script {
  faults: string;
  seed: number;
  seconds: number;
  enough: (record: Record) => boolean;
  killEvery: number;
  progress: (line: string) => void;
}

async function play(
  stage: Stage,
  server: Server,
  { faults, seed, seconds, enough, killEvery, progress }: Script,
): Promise<void> {
  const { record, devices } = stage;
  stage.until = Date.now() + seconds * 1000;
  const said = setInterval(() => {
    if (!enough(record)) stage.until = Math.max(stage.until, Date.now() + 5_000);
    const left = Math.max(0, Math.round((stage.until - Date.now()) / 1000));
    const acknowledged = record.sendings.filter(({ sent }) => sent).length;
    progress(
      `${left} s left, ${acknowledged} of ${record.sendings.length} acknowledged, ${record.deliveries.length} delivered, ${server.kills - 1} kills`,
    );
  }, 1_000);
  const lives = Promise.all(devices.map((device) => live(device, stage)));
  // Counted from each start: a busy machine takes as long for it, and would never be up.
  const isTime = () => killEvery > 0 && Date.now() + killEvery * 1000 < stage.until - 3_000;
  while (isTime()) {
    await new Promise((done) => setTimeout(done, killEvery * 1000));
    await server.kill();
    await server.start(faults, seed + server.kills);
  }
  await lives;
  clearInterval(said);
}
