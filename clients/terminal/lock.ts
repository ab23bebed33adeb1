import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who has a lock. */
interface Holder {
  pid: number;
  host?: string;
  /** When that process began, as the system writes it: its number may be another process's later. */
  began?: string;
}

// How often a holder shows that it lives, to other machines that share the folder; and after how long it does not.
const TOUCH_MS = 30_000;
const STALE_MS = 5 * 60_000;

/**
 * Takes a lock as long as this process lives.
 * @returns gives it back; undefined if another process has it
 */
export function lockFile(path: string): (() => void) | undefined {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beganOf(process.pid) });
  if (!take(path, own) && !(removeStale(path) && take(path, own))) return undefined;
  // A process that was stopped for long may have lost it: then it is another's.
  const isOwn = () => contentOf(path) === own;
  const touch = () => isOwn() && utimesSync(path, new Date(), new Date());
  const timer = setInterval(touch, TOUCH_MS).unref();
  let isGiven = false;
  const release = () => {
    if (!isGiven && isOwn()) rmSync(path, { force: true });
    isGiven = true;
    process.off('exit', release);
    clearInterval(timer);
  };
  process.on('exit', release);
  return release;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function take(path: string, own: string): boolean {
  try {
    writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @returns whether the lock was stale, and is gone */
function removeStale(path: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    const found = readFileSync(path, 'utf8');
    if (!isStale(path, found)) return false;
    // Two may find it at once, and the slower one must not remove the lock of the quicker.
    renameSync(path, aside);
    const isSame = contentOf(aside) === found;
    if (isSame) rmSync(aside);
    else renameSync(aside, path);
    return isSame;
  } catch (error) {
    // Given back, or removed, at this moment.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Whether its process has gone: here, by what runs now; elsewhere, by how long it has not been heard of. */
function isStale(path: string, found: string): boolean {
  const { pid, host, began } = parsed(found);
  if (host === hostname()) return beganOf(pid) !== began;
  return Date.now() - statSync(path).mtimeMs > STALE_MS;
}

function parsed(found: string): Holder {
  try {
    return { pid: 0, ...JSON.parse(found) };
  } catch {
    // Its process was killed while it wrote, or it is of another make.
    return { pid: 0 };
  }
}

/** When a process began; undefined if there is none. */
function beganOf(pid: number): string | undefined {
  if (!isRunning(pid)) return undefined;
  try {
    return process.platform === 'linux' ? beganOnLinux(pid) : beganByPs(pid);
  } catch {
    // The system does not say: then its number has to do.
    return 'unknown';
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks whether the process is there; 0 is no process.
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ticks since this boot: the 22nd field, counted behind the name, which may have spaces in it (proc_pid_stat(5)). */
function beganOnLinux(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
}

const beganByPs = (pid: number): string =>
  execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
