import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'parley-build-';
const ABANDONED_MS = 10 * 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const made = new Set<string>();

/**
 * Creates a folder whose content the CDK copies into its output. It is removed when this process exits or is interrupted;
 * the folder of a killed process is removed by the next one.
 */
export function temporaryFolder(): string {
  sweep();
  // Before the folder is made: a signal in between would leave it behind.
  if (made.size === 0) {
    process.once('exit', removeAll);
    // Without a listener, a signal ends a process without `exit`. The signal is handled once a synchronous build is over.
    for (const signal of SIGNALS) process.once(signal, () => process.exit(1));
  }
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  made.add(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}

/** Removes the folders of dead processes, if they are old: a process in another container can't be seen from here. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    const path = join(tmpdir(), name);
    if (pid === undefined || isRunning(Number(pid)) || !isOld(path)) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only checks that the process exists.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isOld(path: string): boolean {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
  return Date.now() - mtimeMs > ABANDONED_MS;
}
