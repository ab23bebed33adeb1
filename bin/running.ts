import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How to reach the server API of a service that runs on this machine: Lambda's endpoint, credentials and the function. */
export interface Running {
  endpoint: string;
  functionName: string;
  accessKeyId: string;
  sessionToken: string;
}

const folderIn = (home: string) => join(home, '.parley', '.running');
const fileOf = (port: number, home: string) => join(folderIn(home), `${port}.json`);

/**
 * Notes how to reach a service, for its owner alone, as long as this process lives. The credentials are of no use afterwards.
 * @throws Error if there is no home to write in
 */
export function announce(port: number, service: Running, home = homedir()): void {
  mkdirSync(folderIn(home), { recursive: true, mode: 0o700 });
  chmodSync(folderIn(home), 0o700);
  const file = fileOf(port, home);
  // A file of an earlier service may belong to somebody else, or be open.
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(service), { mode: 0o600, flag: 'wx' });
  process.once('exit', () => {
    // Unless another service has taken over the port.
    if (runningAt(port, home)?.accessKeyId === service.accessKeyId) rmSync(file, { force: true });
  });
}

/** The service that was started on a port last; undefined if none was, or it has ended by itself. */
export function runningAt(port: number, home = homedir()): Running | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(port, home), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}
