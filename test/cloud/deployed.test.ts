import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { differencesOf, told } from '../deployed/compare.ts';
import { prodLike } from '../deployed/stage.ts';
import { toldRan } from '../deployed/suites.ts';
import { tempFolder } from '../local/stack.ts';
import { program } from '../support/programs.ts';

/** `npm run test:deployed` with these flags, begun. */
function begun(flags: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program('test/deployed/run.ts'), ...flags], {
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(
    ([out, err, [code]]) => ({ code: code as number | null, said: out + err }),
  );
  return { child, ended };
}

/** The same, to its end. */
const tool = (...flags: string[]) => begun(flags).ended;

const KB = 1024;
const gone = { status: 410, errorType: 'GoneException', body: '' };

/** What docs/decisions.md, local/gateway and the rules assume of API Gateway. */
const assumed = {
  'close: binary': 1003,
  'close: a frame of 33 KB': 1009,
  'in: 31 KB': 'pong',
  'in: 33 KB': 'pong',
  'in: 96 KB': 'pong',
  'in: 128 KB': 'pong',
  'in: 129 KB': { closed: 1009 },
  'type $connect': 'unknown_type',
  'type $disconnect': 'unknown_type',
  'type $default': 'unknown_type',
  'empty frames after login and $default': 0,
  'pushes that came before their reply, of 10': 10,
  '$disconnect after a close': 'came',
  'ms: $disconnect after a close': expect.any(Number),
  '$disconnect after a cut': 'came',
  'ms: $disconnect after a cut': expect.any(Number),
  'throttled frame': { message: 'Too Many Requests', connectionId: 'string', requestId: 'string' },
  'the other error frames': [],
  'out: 31 KB': { frames: [31 * KB] },
  'out: 33 KB': { frames: [32 * KB, KB] },
  'out: 96 KB': { frames: [32 * KB, 32 * KB, 32 * KB] },
  'out: 128 KB': { frames: [32 * KB, 32 * KB, 32 * KB, 32 * KB] },
  'out: 129 KB': { status: 413 },
  413: { status: 413, errorType: 'PayloadTooLargeException', body: '' },
  'a client that does not read': { status: 429, errorType: 'LimitExceededException', body: '' },
  delete: { status: 204, body: '' },
  'close: by the management API': 1000,
  410: gone,
  '410 to a delete': gone,
  'a look': { status: 200, fields: ['connectedAt', 'identity', 'lastActiveAt'] },
  '410 to a look': gone,
  'a post to what is no id': 410,
};

test("with prod's settings, records the local gateway's facts, runs suites, and removes the stage", async () => {
  const file = join(tempFolder(), 'facts.json');
  const { code, said } = await tool('--local', '--only', 'typing', '--facts', file);
  const { there } = JSON.parse(readFileSync(file, 'utf8'));
  expect(there).toEqual(assumed);
  // It ends with what was found.
  expect(said).toMatch(
    /close: binary +1003\n[\s\S]*2 passed, 0 failed, 0 left out\.\nNothing is left: it was in memory\.\n/,
  );
  expect(code).toBe(0);
});

test('after an interruption, removes what it made, and reports what is left', async () => {
  const folder = tempFolder();
  const { child, ended } = begun(['--local', '--facts', join(folder, 'facts.json')], { TMPDIR: folder });
  child.stdout.on('data', (said) => String(said).includes('Recording') && child.kill('SIGINT'));
  const { code, said } = await ended;
  // Each on its own stream.
  expect(said).toContain('Nothing is left: it was in memory.\n');
  expect(said).toContain('Interrupted.\n');
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((name) => name.startsWith('parley-'))).toEqual([]);
});

test("a temporary stage has prod's settings, and can be removed", () => {
  expect(prodLike).toMatchObject({ passwords: 'required', passwordLength: '8', registerRate: '6/m' });
  expect(prodLike).not.toHaveProperty('stage');
});

describe('flags that make no sense are refused', () => {
  test.each([
    [['--url', 'wss://chat.example'], 'Say --throw-away'],
    [['--url', 'chat.example', '--throw-away'], '--url chat.example: must begin with wss://'],
    [['--url', 'wss://chat.example', '--throw-away', '--local'], '--local: has no --url'],
    [['--bogus'], "Unknown option '--bogus'"],
  ])('%j', async (flags, why) => {
    const { code, said } = await tool(...flags);
    expect(code).toBe(2);
    expect(said).toContain(why);
    expect(said).toContain('Try: npm run test:deployed -- --help');
  });
});

test('a stage that cannot be reached is a failure, not a wrong flag', async () => {
  const { code, said } = await tool('--url', 'ws://127.0.0.1:1', '--throw-away');
  expect(code).toBe(1);
  expect(said).toContain('--url ws://127.0.0.1:1: cannot connect: connect ECONNREFUSED');
});

test('differences are listed one by one, and times are recorded without a comparison', () => {
  const there = { same: [1], code: 1003, 'ms: late': 3, more: true };
  const differences = differencesOf(there, { same: [1], code: 1009, 'ms: late': 900 });
  expect(differences).toEqual([
    { fact: 'code', there: 1003, here: 1009 },
    { fact: 'more', there: true, here: undefined },
  ]);
  const table = told(there, { same: [1], code: 1009, 'ms: late': 900 });
  expect(table).toMatch(/same +\[1\] {2}as the local gateway\n {2}code +1003 {2}DIFFERS\n {2}ms: late +3\n/);
  expect(table).toContain('They differ in\n  code\n    this stage     1003\n    local gateway  1009\n  more');
  expect(told({ same: 1 }, { same: 1 })).toContain('does as this stage does');
});

test('skipped tests are listed with their reasons', () => {
  const ran = {
    passed: 3,
    failed: ['names > one'],
    leftOut: [{ test: 'a password', why: 'nobody has none' }],
  };
  expect(toldRan(ran)).toBe(
    [
      'End-to-end tests: 3 passed, 1 failed, 1 left out.',
      '  failed    names > one',
      '  left out  a password (nobody has none)',
    ].join('\n'),
  );
});
