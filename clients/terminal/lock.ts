import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The holder of a lock. */
interface Holder {
  pid: number;
  host?: string;
  /** The process's start time as the system reports it, since process ids are reused. */
  began?: string;
}

// The heartbeat interval for machines that share the folder, and the age at which a heartbeat has expired.
const TOUCH_MS = 30_000;
const STALE_MS = 5 * 60_000;

/**
 * Takes a lock for the lifetime of this process.
 * @returns releases the lock; undefined if another process holds it
 */
export function lockFile(path: string): (() => void) | undefined {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beganOf(process.pid) });
  if (!take(path, own) && !(removeStale(path) && take(path, own))) return undefined;
  // A process that was suspended for long may have lost the lock to another.
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

/** Removes a stale lock. @returns whether it was removed */
function removeStale(path: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    const found = readFileSync(path, 'utf8');
    if (!isStale(path, found)) return false;
    // Two processes may find it at once; the slower one must not remove the faster one's new lock.
    renameSync(path, aside);
    const isSame = contentOf(aside) === found;
    if (isSame) rmSync(aside);
    else renameSync(aside, path);
    return isSame;
  } catch (error) {
    // It was released or removed in the meantime.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Whether the holder has died: on this machine by its process, on others by its heartbeat. */
function isStale(path: string, found: string): boolean {
  const { pid, host, began } = parsed(found);
  if (host === hostname()) return beganOf(pid) !== began;
  return Date.now() - statSync(path).mtimeMs > STALE_MS;
}

function parsed(found: string): Holder {
  try {
    return { pid: 0, ...JSON.parse(found) };
  } catch {
    // The process was killed while writing the file, or another version wrote it.
    return { pid: 0 };
  }
}

/** The start time of a process; undefined if it does not run. */
function beganOf(pid: number): string | undefined {
  if (!isRunning(pid)) return undefined;
  try {
    return process.platform === 'linux' ? beganOnLinux(pid) : beganByPs(pid);
  } catch {
    // Without /proc, the process id has to suffice.
    return 'unknown';
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only checks whether the process exists. Process id 0 is not a process.
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ticks since boot: field 22, counted after the name, which may contain spaces (proc_pid_stat(5)). */
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
