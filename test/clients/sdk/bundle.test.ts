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

const gzipped = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length;

/** What a program gets that imports this module and minifies by esbuild, and the files that it loads without a bundler. */
async function loaded(module: string) {
  const { metafile, outputFiles } = await build({
    ...{ entryPoints: [join(folder, module)], bundle: true, minify: true, write: false, metafile: true },
    ...{ packages: 'external', format: 'esm' },
  });
  const files = await Promise.all(Object.keys(metafile.inputs).map((path) => readFile(path)));
  const [bundled] = outputFiles;
  return { files, bundled: bundled?.contents ?? new Uint8Array() };
}

test.each([
  ['index.js', 8],
  ['changes.js', 1.5],
  ['store.js', 3.5],
  ['browser-store.js', 4],
  ['file-store.js', 4.25],
  ['profiles.js', 1],
])('%s of the client is at most %d KB gzipped, as packed and bundled again', async (module, kilobytes) => {
  const { files, bundled } = await loaded(module);
  const size = files.reduce((sum, file) => sum + gzipped(file), 0);
  expect(bundled.length).toBeGreaterThan(1_000);
  for (const each of [size, gzipped(bundled)]) expect(each).toBeLessThanOrEqual(kilobytes * 1024);
});

test('there is one class of errors, so that `instanceof` recognizes all of them', async () => {
  const names = Object.keys(recipe.modules);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, `${name}.js`), 'utf8')));
  expect(names.filter((_, index) => texts[index]?.includes('extends Error'))).toEqual(['index']);
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
