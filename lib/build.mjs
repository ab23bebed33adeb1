// Runs esbuild with plugins, which buildSync cannot have: lib/bundles.ts starts this, as the CDK's constructs cannot
// wait. Reads its options and entry points as JSON from standard input, and writes what esbuild says to standard output.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const { options, entries } = JSON.parse(readFileSync(0, 'utf8'));

// Entry points have no file: each is a line or two of code, by its name.
const generated = {
  name: 'entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path }) => ({ path, namespace: 'entry', sideEffects: true }));
    onLoad({ filter: /^entry:/, namespace: 'entry' }, ({ path }) => ({
      contents: entries[path.slice('entry:'.length)],
      resolveDir: options.absWorkingDir,
    }));
  },
};

// What we load only when we need it stays a file of its own. What a library does so becomes part of its bundle.
const ours = /\/lambdas\/aws\/[^/]+\.ts$/;
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

const { metafile } = await build({ ...options, plugins: [generated, lazy] });
process.stdout.write(JSON.stringify(metafile));
