import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ensurePage } from '../../bin/page.ts';
import { command, visitorsOf } from '../../bin/start-flags.ts';
import { parseCommand } from '../../cli/command.ts';
import { ensureAssembly } from '../../local/synth.ts';
import type { BusEvent } from '../../protocol/index.ts';
import { connect } from '../support/client.ts';
import { program } from '../support/programs.ts';
import { webhook } from '../support/webhook.ts';
import { tempFolder } from './stack.ts';

/** `npm start` with these flags. */
const start = (...flags: string[]) => startIn({}, ...flags);

function startIn(environment: Record<string, string>, ...flags: string[]) {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [program('bin/start.ts'), ...flags], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, printed }));
  const says = (text: string) => vi.waitFor(() => expect(printed).toContain(text), 60_000);
  return { child, ended, says, printed: () => printed };
}

const UP = 'Parley is up: ws://localhost:';

// Once for all that start below.
const WITH_EVENTS = { context: { events: 'true' } };
beforeAll(() => Promise.all([ensureAssembly(), ensureAssembly(WITH_EVENTS), ensurePage()]));

describe('an invalid flag exits with code 2 and names the reason', () => {
  test.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['alice'], "Unexpected argument 'alice'"],
    [['--port', 'http'], '--port http: must be a whole number from 0 to 65,535'],
    [['--port', '65536'], '--port 65536: must be a whole number'],
    [['-c', 'stage'], '-c stage: must be key=value'],
    [['--faults', 'rain=1'], '--faults rain=1: rain=1: must be FAULT=PROBABILITY'],
    [['--throttle', '0,5'], '--throttle 0,5: must be like 10000,5000'],
    [['--allow-host', 'https://chat.example'], '--allow-host https://chat.example: must be a host name'],
    [['--allow-origin', 'chat.example'], '--allow-origin chat.example: must be like https://'],
    [['--allow-origin', 'https://chat.example/'], '--allow-origin https://chat.example/: must be like'],
  ])('%j', async (flags, why) => {
    const { code, printed } = await start(...flags).ended;
    expect(code).toBe(2);
    expect(printed).toContain(why);
    expect(printed).toContain('Try: npm start -- --help');
    expect(printed).not.toMatch(/^\s+at /m);
  });
});

const readFlags = (...args: string[]) => parseCommand(command, args).values;

test('the host that the service listens on is allowed', () => {
  expect(visitorsOf(readFlags('--allow-origin', 'null', '--host', 'Box.local'))).toEqual({
    hosts: ['box.local'],
    origins: ['null'],
  });
  expect(visitorsOf(readFlags('--host', '0.0.0.0'))).toEqual({ hosts: [], origins: [] });
});

test('the account has the limits of a new one, or those of the flag', () => {
  expect(readFlags().throttle).toEqual({ account: { rate: 10_000, burst: 5_000 } });
  expect(readFlags('--throttle', '0.5,3').throttle).toEqual({ account: { rate: 0.5, burst: 3 } });
  expect(readFlags('--throttle', 'off').throttle).toBeUndefined();
});

test('a port in use is reported in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { code, printed } = await start('--memory', '--port', `${port}`).ended;
  expect(code).toBe(1);
  expect(printed).toMatch(new RegExp(`^Port ${port} is in use\\. Try another: .*\n$`, 'm'));
  expect(printed).not.toMatch(/^\s+at /m);
});

test('data in use by another process, and data that is not a folder, are reported in one line', async () => {
  const data = join(tempFolder(), 'data');
  await start('--port', '0', '--data', data).says(UP);
  const second = await start('--port', '0', '--data', data).ended;
  expect(second).toMatchObject({ code: 1, printed: `The data in ${data} is in use by another process\n` });
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  const third = await start('--port', '0', '--data', file).ended;
  expect(third.code).toBe(1);
  expect(third.printed).toMatch(/^Cannot open the data in .*: .*\n$/);
});

test('data that others could read is closed to them, and the start says so, and which hosts and origins are let in', async () => {
  const data = join(tempFolder(), 'data');
  mkdirSync(join(data, 'queues'), { recursive: true });
  for (const folder of [data, join(data, 'queues')]) chmodSync(folder, 0o755);
  const { says, printed } = start(
    ...['--port', '0', '--data', data],
    ...['--allow-host', 'chat.example', '--allow-origin', 'https://app.example'],
  );
  await says(UP);
  if (process.platform !== 'win32') {
    expect(printed()).toContain(`Other users of this machine could read ${data}. It is private now.`);
    const paths = ['', ...readdirSync(data, { recursive: true })].map((name) => join(data, `${name}`));
    expect(paths.length).toBeGreaterThan(5);
    const open = paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  }
  const [, port = ''] = /Parley is up: ws:\/\/localhost:(\d+)/.exec(printed()) ?? [];
  const statusFor = async (origin: string) =>
    (await fetch(`http://localhost:${port}/metrics`, { headers: { origin } })).status;
  for (const origin of ['https://chat.example', 'https://app.example'])
    expect(await statusFor(origin)).toBe(200);
  expect(await statusFor('https://evil.example')).toBe(403);
  await says(
    'Refused: This service does not accept pages from https://evil.example. To allow it: npm start -- --allow-origin',
  );
});

test('damaged data is not served until that is accepted, and both are reported', async () => {
  const data = join(tempFolder(), 'data');
  const first = start('--port', '0', '--data', data);
  await first.says(UP);
  first.child.kill('SIGKILL');
  await first.ended;
  const log = readdirSync(data).find((name) => name.endsWith('.log')) ?? '';
  const bytes = readFileSync(join(data, log));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(join(data, log), bytes);
  const refused = await start('--port', '0', '--data', data).ended;
  expect(refused.code).toBe(1);
  expect(refused.printed).toMatch(
    /^The data in .* is damaged: \d+\.log has a wrong checksum at byte \d+\.$/m,
  );
  expect(refused.printed).not.toMatch(/^\s+at /m);
  const accepted = start('--port', '0', '--data', data, '--accept-damage');
  await accepted.says(UP);
  expect(accepted.printed()).toContain(`the files as they were are in ${data}.damaged.`);
});

test('-c is passed to the CDK app, and its messages are shown', async () => {
  const { code, printed } = await start('--memory', '--port', '0', '-c', 'alarms=maybe').ended;
  expect(code).toBe(1);
  expect(printed).toContain('The CDK app does not synthesize');
  expect(printed).toContain('-c alarms=maybe: must be true or false');
});

test("metrics are at /metrics, in plain words with --stats, and not among the functions' lines; events go to --events", async () => {
  const hook = await webhook<BusEvent>();
  onTestFinished(hook.close);
  const { says, printed } = start('--memory', '--port', '0', '--stats', '--events', hook.url);
  await says(UP);
  const [, port = ''] = /Parley is up: ws:\/\/localhost:(\d+)/.exec(printed()) ?? [];
  const client = await connect(`ws://localhost:${port}`);
  onTestFinished(() => client.close());
  await client.request({ type: 'ping' });
  await says('outcome=ok');
  const url = `http://localhost:${port}/metrics`;
  const answer = await vi.waitFor(async () => {
    const response = await fetch(url);
    const text = await response.text();
    expect(text).toMatch(/^parley_requests_total\{service="Parley",function="[^"]+"\} 1$/m);
    return { type: response.headers.get('content-type'), text };
  }, 60_000);
  expect(answer.type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.text).toContain('# TYPE parley_latency_seconds histogram\n');
  await says('Requests 0.2/s');
  expect(printed()).toContain(`Events go to:        ${hook.url}`);
  await client.request({ type: 'register', username: 'ann' });
  await expect.poll(() => hook.got).toHaveLength(1);
  expect(hook.got[0]).toMatchObject({ type: 'user.created', id: 'user.created ann', username: 'ann' });
  expect(printed()).not.toContain('CloudWatchMetrics');
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a start that %s ends while it synthesizes leaves nothing behind',
  async (signal) => {
    const temporary = tempFolder();
    // In the fingerprint, so that it must synthesize; and in the CDK's command line, so that we find it.
    const mark = `mark=${randomUUID()}`;
    const running = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
    const theCdk = () => running().find((line) => line.includes(mark) && line.includes(' synth '));
    const { child, ended, says } = startIn({ TMPDIR: temporary }, '--memory', '--port', '0', '-c', mark);
    await says('synthesizing');
    const output = await vi.waitFor(() => {
      const [, folder = ''] = /--output (\S+)/.exec(theCdk() ?? '') ?? [];
      expect(existsSync(folder)).toBe(true);
      return folder;
    }, 60_000);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0 });
    await vi.waitFor(() => expect(theCdk()).toBeUndefined(), 60_000);
    expect(existsSync(dirname(output))).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  },
);
