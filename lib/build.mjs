// Runs esbuild with a plugin, which buildSync cannot have: lib/bundles.ts starts this, as the CDK's constructs cannot
// wait. Reads its jobs as JSON from standard input, and writes what esbuild says of each to standard output.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const { jobs, leftOut } = JSON.parse(readFileSync(0, 'utf8'));
const ends = Object.keys(leftOut);
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const filter = new RegExp(`(${ends.map(escaped).join('|')})$`);

const plugin = {
  name: 'left-out',
  setup({ onLoad }) {
    onLoad({ filter }, ({ path }) => {
      const end = ends.find((each) => path.endsWith(each));
      return { contents: leftOut[end], loader: 'js', resolveDir: dirname(path) };
    });
  },
};

const results = await Promise.all(jobs.map((job) => build({ ...job, plugins: [plugin] })));
process.stdout.write(JSON.stringify(results.map(({ metafile }) => metafile)));
