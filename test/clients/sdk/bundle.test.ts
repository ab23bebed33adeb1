import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { recipe } from '../../../packages/client/recipe.ts';
import { buildModules } from '../../../tools/pack/build.ts';

/** The modules of the package, as they are packed. */
const folder = await mkdtemp(join(tmpdir(), 'parley-bundle-'));
afterAll(() => rm(folder, { recursive: true }));
await buildModules({ ...recipe, hasRequire: false }, folder);

/** Bytes of what `import` of this module loads, gzipped. */
async function sizeOf(module: string): Promise<number> {
  const { metafile } = await build({
    ...{ entryPoints: [join(folder, module)], bundle: true, write: false, metafile: true },
    packages: 'external',
  });
  const files = await Promise.all(Object.keys(metafile.inputs).map((path) => readFile(path)));
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
}

test.each([
  ['index.js', 9.5],
  ['browser-store.js', 0.75],
  ['profiles.js', 1],
])('%s of the client is at most %d KB gzipped, with what it loads', async (module, kilobytes) => {
  expect(await sizeOf(module)).toBeLessThanOrEqual(kilobytes * 1024);
});

test('a page that uses the client loads nothing of Node', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ['clients/sdk/chat.ts'],
    bundle: true,
    format: 'esm',
    // Fails on whatever is Node's.
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  expect(outputFiles[0]?.text).toContain('SEND_MESSAGE');
  const others = Object.keys(metafile.inputs).filter((path) => !path.startsWith('clients/sdk/'));
  expect(others).toEqual(['protocol/chat-id.ts']);
});
