import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settings } from '../../lib/settings.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import type { Children } from './children.ts';
import type { Stage } from './facts.ts';

const cli = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** The settings of a stage. */
export type Context = Readonly<Record<string, string>>;

/** A temporary stage. */
export interface Lent extends Stage {
  /** Removes it. @returns what is left, for people */
  remove(): Promise<string>;
  /** What is left if the removal does not finish. */
  leftover: string;
}

/**
 * The settings of `stage=prod`, but on a stage that can be removed completely: prod keeps its tables. The suites create
 * hundreds of users from one address, for which prod's limits would take hours.
 */
export const prodLike: Context = {
  ...Object.fromEntries(
    Object.entries(settings).flatMap(([name, setting]) => ('prod' in setting ? [[name, setting.prod]] : [])),
  ),
  registerBurst: '5000',
  // The suites' large groups are small.
  fanOutPageSize: '5',
};

/** The local cloud, with the throttles of the template and of a new account. */
export async function lendLocal(context: Context): Promise<Lent> {
  const assembly = await ensureAssembly({ context });
  const cloud = await startCloud({ assembly, port: 0, throttling: {} });
  const leftover = 'Nothing is left: it was in memory.';
  const remove = async () => {
    await cloud.close();
    return leftover;
  };
  return { url: cloud.url, management: cloud.administrator(), remove, leftover };
}

/** A stage that the caller declared temporary: its users and messages stay. */
export function lendGiven(url: string, endpoint: string | undefined): Lent {
  const leftover = `Left at ${url}: the users and messages of the tests. Nothing else was made.`;
  return { url, ...(endpoint && { management: { endpoint } }), remove: async () => leftover, leftover };
}

/** Deploys under a unique name. Needs credentials in the environment, and an account bootstrapped for the CDK. */
export async function deploy(
  context: Context,
  children: Children,
  say: (line: string) => void,
): Promise<Lent> {
  const name = `parley-try-${Math.random().toString(36).slice(2, 10)}`;
  const folder = mkdtempSync(join(tmpdir(), 'parley-deploy-'));
  const outputs = join(folder, 'outputs.json');
  const flags = Object.entries({ ...context, name }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const cdk = async (command: string, ...more: string[]) => {
    const code = await children.run([cli, command, ...more]);
    if (code !== 0) throw new Error(`cdk ${command} exited with code ${code}`);
  };
  const leftover = `The stack ${name} may be there still: npx cdk destroy ${name} -c name=${name}, or the CloudFormation console.`;
  const remove = async () => {
    say(`Taking ${name} away …`);
    children.again();
    await cdk('destroy', name, '--force', ...flags);
    return `${name} is gone. Left: what its functions were uploaded as, in the CDK's bucket (cdk gc takes it away), and its metrics.`;
  };
  say(`Deploying ${name} …`);
  try {
    await cdk('deploy', name, '--require-approval', 'never', '--outputs-file', outputs, ...flags);
    const url = String(JSON.parse(readFileSync(outputs, 'utf8'))[name]?.Url);
    return { url, management: { endpoint: url.replace('wss:', 'https:') }, remove, leftover };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await remove().catch(() => leftover)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
