import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { ensureAssembly } from '../../local/synth.ts';
import type { Result } from '../../tools/load/result.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { program } from '../support/programs.ts';

const { cloud, given } = await ownCloud({ assembly: await ensureAssembly() });
const folder = mkdtempSync(join(tmpdir(), 'parley-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run load`. @param until what it must have said before it is interrupted; absent, it runs to its end */
async function load(flags: readonly string[], until?: RegExp) {
  const child = spawn(process.execPath, [program('bin/load.ts'), ...flags]);
  let said = '';
  child.stderr.on('data', (data) => {
    const before = until?.test(said);
    said += data;
    if (!before && until?.test(said)) child.kill('SIGINT');
  });
  const exit = new Promise<number>((done) => child.once('exit', (code) => done(code ?? -1)));
  return { printed: await text(child.stdout), code: await exit, said: () => said };
}

const small = ['--url', cloud.url, '--users', '6', '--group-size', '3', '--rate', '20'];

test('sends messages, finds each with every recipient once and in order, and leaves no connection behind', async () => {
  const [json, report] = [join(folder, 'load.json'), join(folder, 'load.html')];
  const { code, printed, said } = await load([
    ...small,
    '--seconds',
    '2',
    '--json',
    json,
    '--report',
    report,
  ]);
  expect(code).toBe(0);
  expect(printed).toContain('lost, duplicated, misordered, unexpected  0, 0, 0, 0');
  expect(said()).toMatch(/^1 s: \d+ acknowledged, p50 /m);
  const result = JSON.parse(readFileSync(json, 'utf8')) as Result;
  const { messages, deliveries, sent, received, checked } = result;
  expect(result.ending).toBe('done');
  expect(messages.due).toBeGreaterThan(10);
  expect(messages).toMatchObject({ sent: messages.due, acknowledged: messages.due, refused: {} });
  expect(deliveries.received).toBe(deliveries.expected);
  expect([sent.count, received.count]).toEqual([messages.due, deliveries.received]);
  expect(checked).toMatchObject({ messages: messages.due, unchecked: 0 });
  expect(readFileSync(report, 'utf8')).toContain('<svg');
  // It took itself out again.
  const ann = await given.aUser();
  expect(await ann.request({ type: 'presence', usernames: ['load-1'] })).toMatchObject({
    users: [{ username: 'load-1', online: false }],
  });
  // A group that everybody has left is none any more.
  expect(await ann.request({ type: 'join_group', group_id: 'load-group-2-1' })).toMatchObject({
    code: 'unknown_group',
  });
});

test('Ctrl-C ends it early, with the report so far', async () => {
  const { code, printed } = await load([...small, '--seconds', '60'], /^1 s: /m);
  expect(code).toBe(0);
  expect(printed).toContain('interrupted, after');
  expect(printed).toContain('lost, duplicated, misordered, unexpected  0, 0, 0, 0');
});

test.each([
  [['--url', 'ws://127.0.0.1:1'], 1, 'ws://127.0.0.1:1: connect ECONNREFUSED'],
  [['--users', 'many'], 2, 'Try: npm run load -- --help'],
  [['--report', join('nowhere', 'load.html')], 1, 'no such file or directory'],
])('%j ends with %d and says why', async (flags, code, why) => {
  const { code: ended, said } = await load(flags);
  expect(ended).toBe(code);
  expect(said()).toContain(why);
  expect(said()).not.toContain('    at ');
});
