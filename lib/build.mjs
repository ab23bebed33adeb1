// Runs esbuild with plugins, which buildSync cannot have: lib/bundles.ts starts this, as the CDK's constructs cannot
// wait. Reads its jobs as JSON from standard input, and writes what esbuild says of each to standard output.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const { jobs, leftOut, lighter } = JSON.parse(readFileSync(0, 'utf8'));
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

const plugins = [
  reading('left-out', Object.keys(leftOut), (end) => leftOut[end]),
  reading('lighter', Object.keys(lighter), (end, path) =>
    lighter[end].reduce((text, change) => changed(text, change, path), readFileSync(path, 'utf8')),
  ),
];

const results = await Promise.all(jobs.map((job) => build({ ...job, plugins })));
process.stdout.write(JSON.stringify(results.map(({ metafile }) => metafile)));
