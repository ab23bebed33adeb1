import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { pageBuild } from '../lib/page-build.ts';
import { type PageConfig, withHosts } from '../lib/page-config.ts';
import { ensure, root } from '../local/cache.ts';
import type { Pages } from '../local/pages.ts';

/** Builds the web page, unless its sources are unchanged. @throws Error with Vite's output */
export async function ensurePage(config: PageConfig = {}): Promise<Pages> {
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
  const headers = withHosts(readFileSync(`${root}clients/web/headers.json`, 'utf8'), config);
  return { folder, headers: JSON.parse(headers), config };
}
