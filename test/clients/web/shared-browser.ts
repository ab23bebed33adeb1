import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { startCloud } from '../../../local/cloud.ts';
import { prepared } from '../../support/prepared.ts';
import { chromiumPath } from './chromium-path.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a service with its page is. */
    pageCloudUrl: string;
    /** Where a browser is; empty where there is none. */
    browserEndpoint: string;
  }
}

/** One service and one browser for all files; each test has people and windows of its own. */
export default async function shareBrowser(project: TestProject) {
  const executablePath = chromiumPath();
  let browser: BrowserServer | undefined;
  if (executablePath) browser = await chromium.launchServer({ executablePath, args: ['--no-sandbox'] });
  const { assembly, pages } = await prepared();
  // The example is a file.
  const cloud = await startCloud({ assembly, port: 0, pages, visitors: { origins: ['null'] } });
  project.provide('pageCloudUrl', cloud.url);
  project.provide('browserEndpoint', browser?.wsEndpoint() ?? '');
  return async () => {
    await browser?.close();
    await cloud.close();
  };
}
