import { existsSync } from 'node:fs';

const PATHS = [
  process.env.CHROMIUM,
  // The same browser without its own windows, which cost half as much again.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where a browser is: CHROMIUM, or where Debian has it. */
export const chromiumPath = (): string | undefined =>
  PATHS.find((path) => path !== undefined && existsSync(path));

/** What to say where there is none. */
export const LACKING =
  'there is no Chromium (apt-get install chromium-headless-shell, or say where one is with CHROMIUM=/path/to/it)';

/** How long a page may take for one thing: a busy machine is no failure. Playwright's own 30 s were too short. */
export const PATIENCE_MS = 120_000;
