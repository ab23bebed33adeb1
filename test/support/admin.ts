import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { announce } from '../../bin/running.ts';
import type { Cloud } from '../../local/cloud.ts';
import { program } from './programs.ts';

/** `npm run admin` on a cloud, whose owner has a home of their own. */
export function adminOf(cloud: Cloud) {
  const home = mkdtempSync(join(tmpdir(), 'parley-admin-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const port = Number(new URL(cloud.url).port);
  announce(port, cloud.invoker('ApiFunction'), home);
  /**
   * @param variables of its environment, beside those of this process
   * @param input what it reads, if anything
   * @returns its exit code, and what it prints: its errors, if there are any
   */
  const ran = (variables: Readonly<Record<string, string>>, input: string, flags: readonly string[]) => {
    const env = { ...process.env, HOME: home, ...variables };
    const running = promisify(execFile)(process.execPath, [program('bin/admin.ts'), ...flags], { env });
    running.child.stdin?.end(input);
    return running.then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stderr, stdout }: { code: number; stderr: string; stdout: string }) => ({
        code,
        said: stdout + stderr,
      }),
    );
  };
  const adminReading = (input: string, ...flags: string[]) => ran({}, input, ['--port', `${port}`, ...flags]);
  return {
    home,
    port,
    adminReading,
    admin: (...flags: string[]) => adminReading('', ...flags),
    /** Without a port, in an environment with these variables. */
    adminIn: (variables: Readonly<Record<string, string>>, ...flags: string[]) => ran(variables, '', flags),
  };
}
