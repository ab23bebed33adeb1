// Runs esbuild with plugins, which buildSync doesn't support. CDK constructs can't await, so lib/bundles.ts runs this as a
// process. Reads options and entry points as JSON from standard input, and writes esbuild's output to standard output.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const { options, entries } = JSON.parse(readFileSync(0, 'utf8'));

// Entry points have no file: each is a line or two of code, by name.
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

// Our own dynamic imports stay separate files; those of libraries become part of the bundle.
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
