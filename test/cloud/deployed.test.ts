import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { differencesOf, told } from '../deployed/compare.ts';
import { prodLike } from '../deployed/stage.ts';
import { tempFolder } from '../local/stack.ts';

/** `npm run test:deployed` with these flags. */
async function tool(...flags: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/deployed/run.ts', ...flags]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, said: out + err };
}

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

test("records the local gateway's facts, with prod's settings, and takes it away", async () => {
  const file = join(tempFolder(), 'facts.json');
  const { code, said } = await tool('--local', '--only', 'none', '--facts', file);
  expect(said).toContain('Nothing is left: it was in memory.');
  const { there, differences } = JSON.parse(readFileSync(file, 'utf8'));
  expect(there).toEqual(assumed);
  expect(differences).toEqual([]);
  expect(code).toBe(0);
}, 240_000);

test("a stage that is made for it has prod's settings, and can be taken away", () => {
  expect(prodLike).toMatchObject({ passwords: 'required', passwordLength: '8', registerRate: '6/m' });
  expect(prodLike).not.toHaveProperty('stage');
});

describe('what it is told must make sense', () => {
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

test('differences are told one by one; times are recorded, and compared with nothing', () => {
  const there = { same: [1], code: 1003, 'ms: late': 3, more: true };
  const differences = differencesOf(there, { same: [1], code: 1009, 'ms: late': 900 });
  expect(differences).toEqual([
    { fact: 'code', there: 1003, here: 1009 },
    { fact: 'more', there: true, here: undefined },
  ]);
  expect(told(differences)).toContain('code\n    this stage     1003\n    local gateway  1009');
  expect(told([])).toContain('does as this stage does');
});
