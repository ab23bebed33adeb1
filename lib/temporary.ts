import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'parley-build-';
const ABANDONED_MS = 10 * 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const made = new Set<string>();

/**
 * A folder for what the CDK copies into its own output. It goes with this process, also if that is interrupted; one that
 * was killed leaves its folder to the next.
 */
export function temporaryFolder(): string {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  if (made.size === 0) {
    process.once('exit', removeAll);
    // Without a listener, a signal ends a process with no `exit`. It comes when a build in a process of its own is over.
    for (const signal of SIGNALS) process.once(signal, () => process.exit(1));
  }
  made.add(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}

/** Removes the folders of processes that are gone. Old ones only: a process in another container is not to be seen. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    const path = join(tmpdir(), name);
    if (pid === undefined || isRunning(Number(pid)) || !isOld(path)) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It is another user's.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isOld(path: string): boolean {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
  return Date.now() - mtimeMs > ABANDONED_MS;
}
