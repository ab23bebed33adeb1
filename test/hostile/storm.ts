import fc from 'fast-check';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Client, connect } from '../support/client.ts';
import { anyFrame } from './frames.ts';

/** What a storm is. */
export interface Storm {
  frames: number;
  seed: number;
  /** Told now and then how many frames were answered. */
  onProgress?(answered: number): void;
}

/** What came of it. */
export interface Report {
  answered: number;
  /** Answers by code; `ok` is a success. */
  outcomes: Record<string, number>;
  /** What must not be, each with the frame that did it. */
  wrong: string[];
  /** Requests that were refused, and looked at one by one for writes. */
  lookedAt: number;
}

const CLIENTS = 8;
const BATCH = 200;
const MOST_WRONG = 20;

// A refusal by one of these comes before anything is written; others may be what a conditional write found.
const WROTE_NOTHING = new Set([
  ...['bad_request', 'unknown_type', 'invalid_name', 'content_too_large', 'not_logged_in'],
  ...['unknown_recipient', 'unknown_group', 'not_a_member', 'sender_mismatch', 'not_allowed'],
]);

/** Sends hostile frames, one after the other on each of some connections, and looks at every answer. */
export async function storm({ frames, seed, onProgress = () => {} }: Storm): Promise<Report> {
  const logs: string[] = [];
  const assembly = await ensureAssembly();
  const cloud = await startCloud({ assembly, port: 0, log: ({ line }) => logs.push(line) });
  const report: Report = { answered: 0, outcomes: {}, wrong: [], lookedAt: 0 };
  try {
    await setTheScene(cloud.url);
    const supply = framesFrom(seed, frames);
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => pelt(cloud.url, index, supply, report, onProgress)),
    );
    await lookForWrites(cloud, seed, Math.min(400, frames / 5), report);
  } finally {
    await cloud.close();
  }
  // What a function throws, or how it dies, is told by the local cloud in such a line.
  const broken = logs.filter((line) => line.includes('"level":"error"'));
  report.wrong.push(...broken.slice(0, MOST_WRONG));
  return report;
}

/** The users and the group that frames name. */
async function setTheScene(url: string): Promise<void> {
  const client = await connect(url);
  for (const name of ['ann', 'ben']) await client.say(`register ${name}`);
  await client.say('login ann');
  await client.say('create_group team');
  await client.close();
}

function* framesFrom(seed: number, count: number): Generator<string> {
  for (let start = 0; start < count; start += BATCH) {
    yield* fc.sample(anyFrame, { numRuns: Math.min(BATCH, count - start), seed: seed + start });
  }
}

/** One connection's part; every other one is logged in, as far as the frames let it be. */
async function pelt(
  url: string,
  index: number,
  supply: Generator<string>,
  report: Report,
  onProgress: (answered: number) => void,
): Promise<void> {
  let client = await enter(url, index);
  for (const frame of supply) {
    if (report.wrong.length >= MOST_WRONG) break;
    try {
      const code = judge(frame, await client.say(frame), report);
      // Frames log out, too.
      if (code === 'not_logged_in' && index % 2 === 0) await logIn(client);
    } catch (error) {
      report.wrong.push(`unanswered: ${frame.slice(0, 300)}: ${(error as Error).message.split('\n')[0]}`);
      await client.close();
      client = await enter(url, index);
    }
    onProgress(report.answered);
  }
  await client.close();
}

async function enter(url: string, index: number): Promise<Client> {
  const client = await connect(url);
  if (index % 2 === 0) await logIn(client);
  return client;
}

let users = 0;

/** As somebody new: frames may have given the others a password. */
async function logIn(client: Client): Promise<void> {
  const name = `user-${++users}`;
  for (const line of [`register ${name}`, `login ${name}`, 'join_group team']) await client.say(line);
}

/** @returns the code of a refusal */
function judge(frame: string, answer: string, report: Report): string | undefined {
  report.answered++;
  const code = codeOf(answer);
  report.outcomes[code ?? 'ok'] = (report.outcomes[code ?? 'ok'] ?? 0) + 1;
  const isWrong =
    code === 'internal_error' ||
    answer.includes('Internal server error') ||
    answer.includes('Something failed on our');
  if (isWrong) report.wrong.push(`${frame.slice(0, 500)}\n    ${answer.slice(0, 300)}`);
  return code;
}

/** In text a refusal has no code. */
function codeOf(answer: string): string | undefined {
  if (!answer.startsWith('{')) return /^\w+_fail /.test(answer) ? 'refused in text' : undefined;
  return (JSON.parse(answer) as { code?: string }).code;
}

/** One by one, so that each write can be laid at a frame's door. */
async function lookForWrites(
  cloud: Awaited<ReturnType<typeof startCloud>>,
  seed: number,
  count: number,
  report: Report,
): Promise<void> {
  const client = await enter(cloud.url, 0);
  for (const frame of framesFrom(seed + 1_000_000, count)) {
    await cloud.resetCounts();
    const code = judge(frame, await client.say(frame), report);
    if (code === undefined || !WROTE_NOTHING.has(code)) continue;
    report.lookedAt++;
    const { calls } = await cloud.counts();
    const writes = calls.filter(({ write, table }) => write > 0 && !table.startsWith('Levels'));
    if (writes.length > 0)
      report.wrong.push(`${code}, and wrote: ${frame.slice(0, 500)} ${JSON.stringify(writes)}`);
  }
  await client.close();
}
