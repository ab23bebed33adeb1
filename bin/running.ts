import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { type Running, runningAt, runningFile, runningFolder } from '../clients/server/running.ts';

/**
 * Notes how to reach a service, for its owner alone, as long as this process lives. The credentials are of no use afterwards.
 * @throws Error if there is no home to write in
 */
export function announce(port: number, service: Running, home = homedir()): void {
  mkdirSync(runningFolder(home), { recursive: true, mode: 0o700 });
  chmodSync(runningFolder(home), 0o700);
  const file = runningFile(port, home);
  // A file of an earlier service may belong to somebody else, or be open.
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(service), { mode: 0o600, flag: 'wx' });
  process.once('exit', () => {
    // Unless another service has taken over the port.
    if (runningAt(port, home)?.accessKeyId === service.accessKeyId) rmSync(file, { force: true });
  });
}
