import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/** Replaces sources by others, which a package has in place of them. @param sources → theirs, both from the root of the repository */
export const replacing = (sources: Readonly<Record<string, string>>): Plugin => ({
  name: 'replacing',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const other = sources[relative(ROOT, path).replaceAll('\\', '/')];
      if (other === undefined) return undefined;
      return {
        contents: `export * from ${JSON.stringify(join(ROOT, other))};`,
        resolveDir: ROOT,
        loader: 'js',
      };
    });
  },
});
