import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** On which a service of this machine listens, if nothing else is said. */
export const PORT = 3001;

/** How to reach the server API of a service that runs on this machine: Lambda's endpoint, credentials and the function. */
export interface Running {
  endpoint: string;
  functionName: string;
  accessKeyId: string;
  sessionToken: string;
}

/** Where services that run say how to reach them, each in a file of its own. */
export const runningFolder = (home: string): string => join(home, '.parley', '.running');
export const runningFile = (port: number, home: string): string => join(runningFolder(home), `${port}.json`);

/** The service that was started on a port last; undefined if none was, or it has ended by itself. */
export function runningAt(port: number, home: string = homedir()): Running | undefined {
  try {
    return JSON.parse(readFileSync(runningFile(port, home), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}
