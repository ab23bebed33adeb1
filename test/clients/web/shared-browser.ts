import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import type { Running } from '../../../clients/server/running.ts';
import { startCloud } from '../../../local/cloud.ts';
import { PATIENCE } from '../../support/patience.ts';
import { prepared } from '../../support/prepared.ts';
import { chromiumPath } from './chromium-path.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a service with its page is. */
    pageCloudUrl: string;
    /** How a backend reaches that service. */
    pageBackend: Running;
    /** Where a browser is; empty where there is none. */
    browserEndpoint: string;
  }
}

interface Shared {
  pageCloudUrl: string;
  pageBackend: Running;
  browserEndpoint: string;
  close(): Promise<void>;
}

// Both projects of pages share this process.
const here = globalThis as { sharedBrowser?: Promise<Shared>; browserSharers?: number };

/** Gives all files of page tests one service and one browser; each test has people and windows of its own. */
export default async function shareBrowser(project: TestProject) {
  here.sharedBrowser ??= share();
  here.browserSharers = (here.browserSharers ?? 0) + 1;
  const { close, pageCloudUrl, pageBackend, browserEndpoint } = await here.sharedBrowser;
  project.provide('pageCloudUrl', pageCloudUrl);
  project.provide('pageBackend', pageBackend);
  project.provide('browserEndpoint', browserEndpoint);
  return async () => {
    here.browserSharers = (here.browserSharers ?? 0) - 1;
    if (here.browserSharers === 0) await close();
  };
}

async function share(): Promise<Shared> {
  const executablePath = chromiumPath();
  let browser: BrowserServer | undefined;
  if (executablePath) browser = await chromium.launchServer({ executablePath, args: ['--no-sandbox'] });
  const { assembly, pages } = await prepared();
  // The example is a file.
  const cloud = await startCloud({
    assembly,
    port: 0,
    pages,
    patience: PATIENCE,
    visitors: { origins: ['null'] },
  });
  const close = async () => {
    await browser?.close();
    await cloud.close();
  };
  return {
    pageCloudUrl: cloud.url,
    pageBackend: cloud.invoker('ApiFunction'),
    browserEndpoint: browser?.wsEndpoint() ?? '',
    close,
  };
}
