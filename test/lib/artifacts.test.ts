import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { bundleFunctions } from '../../lib/bundles.ts';
import type { FunctionName } from '../../lib/functions.ts';

const names: FunctionName[] = ['ping', 'logout'];

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllEnvs());

/** What another process finds as the folder of a function. @param kept where bundles are kept */
async function found(kept: string): Promise<string[]> {
  vi.stubEnv('PARLEY_BUNDLES', kept);
  const { folderOf } = await import('../../lib/artifacts.ts');
  return names.map((name) => folderOf(name, names));
}

const filesOf = (folder: string) =>
  readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]);

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'parley-kept-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const built = [...bundleFunctions(names).values()].map((bundle) => bundle.folder);

test('bundles that are kept are those that a deployment builds', async () => {
  const kept = folder();
  const made = await found(kept);
  expect(made).toEqual(names.map((name) => join(kept, name)));
  expect(made.map(filesOf)).toEqual(built.map(filesOf));
  // Nothing half done beside them.
  expect(readdirSync(kept).toSorted()).toEqual(names.toSorted());
});

test('what is kept is built by nobody again, and what lacks is added', async () => {
  const kept = folder();
  cpSync(built[0] ?? '', join(kept, 'ping'), { recursive: true });
  writeFileSync(join(kept, 'ping', 'mark'), '');
  const [ping = '', logout = ''] = await found(kept);
  expect(readdirSync(ping)).toContain('mark');
  expect(filesOf(logout)).toEqual(filesOf(built[1] ?? ''));
});

test('a deployment, which keeps none, has folders of its own', async () => {
  const [one] = await found('');
  expect(one).toContain('parley-build-');
});
