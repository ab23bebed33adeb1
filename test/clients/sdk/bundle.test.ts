import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('a page that uses the client loads at most 11 KB for it, and nothing of Node', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ['clients/sdk/chat.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    // Fails on whatever is Node's.
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  const [bundle] = outputFiles;
  expect(gzipSync(bundle?.contents ?? '', { level: 9 }).length).toBeLessThanOrEqual(11 * 1024);
  expect(bundle?.text).toContain('SEND_MESSAGE');
  const others = Object.keys(metafile.inputs).filter((path) => !path.startsWith('clients/sdk/'));
  expect(others).toEqual(['protocol/chat-id.ts']);
});
