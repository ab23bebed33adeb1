import { type ChildProcess, execFileSync } from 'node:child_process';

const isWindows = process.platform === 'win32';

/** Options of `spawn` for what `killGroup` ends. Windows has no process groups, and would open a console. */
export const grouped = { detached: !isWindows };

/** Kills a child that was started with `grouped`, if it still runs, and all that it started. */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    if (isWindows) execFileSync('taskkill', ['/pid', `${pid}`, '/t', '/f'], { stdio: 'ignore' });
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}
