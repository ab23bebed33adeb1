import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { ensure, root } from '../../local/cache.ts';
import { bundlePrograms } from '../../tools/pack/programs.ts';

const FOLDERS = [
  ...['bin', 'chat', 'cli', 'clients', 'examples', 'lambdas', 'lib', 'local'],
  ...['protocol', 'store', 'test', 'tools'],
];

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** npm's scripts → the programs that they run. */
export const scriptPrograms: ReadonlyMap<string, string> = new Map(
  Object.entries(scripts).flatMap(([script, line]) => {
    const [, file] = /^(?:tsx|node --import tsx) (\S+\.ts)$/.exec(line) ?? [];
    return file === undefined ? [] : [[script, file]];
  }),
);

// Packages that find files of theirs by where they are.
const APART = ['aws-cdk-lib', 'esbuild', 'playwright-core', 'vite'];

/** What tests start besides, and often. */
const MORE = ['test/chaos/host.ts', 'examples/web-push/backend.ts'];

const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));

/** A bundled module still finds the files that it names by its own place. */
const places: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      if (path.includes('/node_modules/') || !/import\.meta\.(url|dirname)/.test(code)) return undefined;
      return {
        contents: code
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
        loader: 'ts',
      };
    });
  },
};

const folder = await ensure({
  kind: 'programs',
  sources: [...FOLDERS, 'package.json', 'package-lock.json', 'tsconfig.json'],
  options: { root },
  async make(outdir) {
    await bundlePrograms({
      entryPoints: [
        ...new Set(scriptPrograms.values()),
        ...examples.map((name) => `examples/${name}`),
        ...MORE,
      ],
      outdir,
      outbase: root,
      outExtension: { '.js': '.mjs' },
      external: APART,
      plugins: [places],
    });
  },
});

/**
 * A program of npm's scripts, of examples/ or of the tests as JavaScript: bundled once, where tsx compiles and loads hundreds of files at each
 * start, for a second of CPU time.
 * @param file like `bin/chat.ts`
 */
export const program = (file: string): string => join(folder, file.replace(/\.ts$/, '.mjs'));
