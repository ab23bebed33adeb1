import { readFileSync } from 'node:fs';
import { type PageConfig, withHosts } from '../lib/page-config.ts';
import { ensure, root } from '../local/cache.ts';
import type { Pages } from '../local/pages.ts';

/** Builds the web page, unless its sources are unchanged. @throws Error with Vite's output */
export async function ensurePage(config: PageConfig = {}): Promise<Pages> {
  const folder = await ensure({
    kind: 'page',
    sources: [
      'clients/web/index.html',
      'clients/web/vite.config.ts',
      'clients/web/public',
      'clients/web/src',
      'clients/sdk',
      'clients/view',
      'package-lock.json',
    ],
    async make(outDir) {
      const { build } = await import('vite');
      await build({ configFile: `${root}clients/web/vite.config.ts`, build: { outDir }, logLevel: 'error' });
    },
  });
  const headers = withHosts(readFileSync(`${root}clients/web/headers.json`, 'utf8'), config);
  return { folder, headers: JSON.parse(headers), config };
}
