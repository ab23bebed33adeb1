import { readFileSync } from 'node:fs';
import { type PageConfig, withHosts } from '../lib/page-config.ts';
import type { Pages } from '../local/pages.ts';
import { builtPage } from './built-page.ts';

/** The web page, built if its sources changed. @throws Error with Vite's output */
export async function ensurePage(config: PageConfig = {}): Promise<Pages> {
  const { folder, headers } = await builtPage();
  return { folder, headers: JSON.parse(withHosts(readFileSync(headers, 'utf8'), config)), config };
}
