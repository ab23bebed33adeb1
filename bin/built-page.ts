import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pageBuild } from '../lib/page-build.ts';
import { ensure, root } from '../local/cache.ts';

/** The web page. */
export interface BuiltPage {
  folder: string;
  /** The file with its headers. */
  headers: string;
}

/** Builds the web page, unless its sources are unchanged. @throws Error with Vite's output */
export async function builtPage(): Promise<BuiltPage> {
  const folder = await ensure({
    kind: 'page',
    sources: [
      'clients/web/index.html',
      'clients/web/tsconfig.json',
      'clients/web/vite.config.ts',
      'clients/web/public',
      'clients/web/src',
      'clients/sdk',
      'clients/view',
      'protocol',
      'lib/page-build.ts',
      'package-lock.json',
    ],
    async make(outDir) {
      const { file, args, options } = pageBuild(outDir);
      await promisify(execFile)(file, args, options);
    },
  });
  return { folder, headers: join(root, 'clients/web/headers.json') };
}
