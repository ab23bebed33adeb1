// Runs esbuild with a plugin, which buildSync cannot have: lib/bundles.ts starts this, as the CDK's constructs cannot
// wait. Reads its options as JSON from standard input, and writes what esbuild says to standard output.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const options = JSON.parse(readFileSync(0, 'utf8'));

// What we load only when we need it stays a file of its own. What a library does so becomes part of its bundle.
const ours = /\/lambdas\/[^/]+\.ts$/;
const lazy = {
  name: 'lazy',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ kind, path, importer }) =>
      kind === 'dynamic-import' && ours.test(importer)
        ? { path: `./${basename(path, '.ts')}.mjs`, external: true }
        : undefined,
    );
  },
};

const { metafile } = await build({ ...options, plugins: [lazy] });
process.stdout.write(JSON.stringify(metafile));
