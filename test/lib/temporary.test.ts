import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'parley-temporary-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const left = () => readdirSync(scratch).filter((name) => name.startsWith('parley-build-'));

/** Synthesizes the CDK app, as `cdk` runs it. */
function synthesize(): ChildProcess {
  // As a deployment does it, which builds its own.
  const { PARLEY_BUNDLES: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    TMPDIR: scratch,
    CDK_OUTDIR: join(scratch, 'cdk.out'),
    CDK_CONTEXT_JSON: JSON.stringify({}),
    CDK_VALIDATION: 'false',
  };
  const app = spawn(process.execPath, ['--import', 'tsx', 'bin/parley.ts'], { env, stdio: 'ignore' });
  onTestFinished(() => void app.kill('SIGKILL'));
  return app;
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a synthesis that %s interrupts leaves nothing behind',
  async (signal) => {
    const app = synthesize();
    const ended = once(app, 'exit');
    await vi.waitFor(() => expect(left()).toHaveLength(1), 60_000);
    app.kill(signal);
    // A synthesis that is over before it looks at the signal ends as usual: either way, nothing is left.
    await ended;
    expect(left()).toEqual([]);
  },
);

test('the next synthesis removes old files of a killed one, and nothing of a running one', async () => {
  const gone = spawn(process.execPath, ['--version']);
  await once(gone, 'exit');
  const [abandoned, running, young] = [`${gone.pid}-a`, `${process.pid}-b`, `${gone.pid}-c`].map(
    (name) => `parley-build-${name}`,
  ) as [string, string, string];
  for (const name of [abandoned, running, young]) mkdirSync(join(scratch, name));
  const old = new Date(Date.now() - 11 * 60_000);
  for (const name of [abandoned, running]) utimesSync(join(scratch, name), old, old);
  const next = synthesize();
  await vi.waitFor(() => expect(left()).not.toContain(abandoned), 60_000);
  next.kill('SIGKILL');
  expect(left()).toEqual(expect.arrayContaining([running, young]));
});
