import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

// A synthesis that is over at once, and a cache that says which sources there are.
const { bundles, spawned } = vi.hoisted(() => ({
  bundles: [] as string[],
  spawned: [] as NodeJS.ProcessEnv[],
}));

vi.mock('node:child_process', async (original) => ({
  ...(await original<object>()),
  spawn: (_file: string, _args: string[], { env }: { env: NodeJS.ProcessEnv }) => {
    spawned.push(env);
    const child = Object.assign(new EventEmitter(), { stdout: new PassThrough(), stderr: new PassThrough() });
    setImmediate(() => child.emit('exit', 0) && child.emit('close', 0));
    return child;
  },
}));

vi.mock('../../local/cache.ts', async (original) => ({
  ...(await original<object>()),
  async ensure({ kind, make }: { kind: string; make(folder: string, temporary: string): Promise<void> }) {
    if (kind === 'bundles') return bundles.shift();
    const [folder, temporary] = [made(), made()];
    await make(folder, temporary);
    return folder;
  },
}));

const made = () => mkdtempSync(join(tmpdir(), 'parley-synth-'));

beforeEach(() => {
  bundles.length = 0;
  spawned.length = 0;
});

/** Synthesizes with these; files of this project share the modules that others have imported without them. */
async function ensureAssembly(): Promise<void> {
  vi.resetModules();
  onTestFinished(() => void vi.resetModules());
  await (await import('../../local/synth.ts')).ensureAssembly();
}

test('a synthesis finds the bundles of its sources', async () => {
  const kept = made();
  bundles.push(kept, kept);
  await ensureAssembly();
  expect(spawned).toMatchObject([{ PARLEY_BUNDLES: kept }]);
  expect(existsSync(kept)).toBe(true);
});

test('what was made while a source was changed is not kept', async () => {
  const kept = made();
  bundles.push(kept, made());
  await expect(ensureAssembly()).rejects.toThrow('A source was changed');
  expect(existsSync(kept)).toBe(false);
});
