// Runs esbuild with plugins, which buildSync cannot have: lib/bundles.ts starts this, as the CDK's constructs cannot
// wait. Reads its options as JSON from standard input, and writes what esbuild says to standard output.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';

const { options, leftOut, lighter } = JSON.parse(readFileSync(0, 'utf8'));
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Has esbuild read other contents than those of the files whose paths end so. */
function reading(name, ends, contentsOf) {
  const filter = new RegExp(`(${ends.map(escaped).join('|')})$`);
  const load = ({ path }) => {
    const end = ends.find((each) => path.endsWith(each));
    return { contents: contentsOf(end, path), loader: 'js', resolveDir: dirname(path) };
  };
  return { name, setup: ({ onLoad }) => onLoad({ filter }, load) };
}

function changed(text, [from, to], path) {
  if (text.split(from).length !== 2) throw new Error(`${path} does not have, once: ${from}`);
  return text.replace(from, () => to);
}

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

const plugins = [
  lazy,
  reading('left-out', Object.keys(leftOut), (end) => leftOut[end]),
  reading('lighter', Object.keys(lighter), (end, path) =>
    lighter[end].reduce((text, change) => changed(text, change, path), readFileSync(path, 'utf8')),
  ),
];

const { metafile } = await build({ ...options, plugins });
process.stdout.write(JSON.stringify(metafile));
