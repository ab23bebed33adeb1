import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { FaultKind, FaultPlan } from '../../local/faults/plan.ts';
import type { Client } from './client.ts';
import { editedAssembly, idOf, type Resource, replaceCode } from './edited-assembly.ts';
import { ownCloud } from './own-cloud.ts';

// Says who asks, and how often this instance was asked.
const WHO = `let times = 0;
export const handler = async ({ requestContext: { connectionId } }) =>
  ({ statusCode: 200, body: JSON.stringify({ type: 'who', connectionId, times: ++times }) });`;

const TRACED = `import { handler as real } from './real.mjs';
export const handler = async (event, context) => {
  const { routeKey, connectionId } = event.requestContext;
  console.log('ran ' + routeKey + ' ' + connectionId);
  try {
    return await real(event, context);
  } finally {
    console.log('done ' + routeKey + ' ' + connectionId);
  }
};`;

/**
 * The system on a cloud in which tests switch on faults, for one test each. What runs is logged, `help` answers
 * with the connection's id, and `register` has 5 s.
 */
export async function faultyCloud() {
  const assembly = await editedAssembly(async (resources, dir) => {
    const lambda = (name: string) => {
      const isIt = (_: Resource, id: string) => id.startsWith(`${name}Function`);
      return resources[idOf(resources, 'AWS::Lambda::Function', isIt)] as Resource;
    };
    await replaceCode(lambda('Help'), dir, WHO);
    for (const name of ['Disconnect', 'SendMessage']) await trace(lambda(name), dir);
    lambda('Register').Properties.Timeout = 5;
  });
  const ran: string[] = [];
  const done: string[] = [];
  const log = ({ line }: { line: string }) => {
    if (line.startsWith('ran ')) ran.push(line.slice(4));
    else if (line.startsWith('done ')) done.push(line.slice(5));
  };
  const { cloud, given } = await ownCloud({ assembly, patience: 1, log });
  afterEach(() => cloud.setFaults(undefined));

  /** From now on to the end of the test. @returns how often a kind has happened since */
  async function faults(plan?: Omit<FaultPlan, 'seed'>, seed = 1) {
    await cloud.setFaults(plan && { seed, ...plan });
    const before = await cloud.faultCounts();
    return async (kind: FaultKind) => ((await cloud.faultCounts())[kind] ?? 0) - (before[kind] ?? 0);
  }

  /** The connection's id, and how often the instance that says so was asked. */
  async function who(client: Client): Promise<{ connectionId: string; times: number }> {
    client.send('{"type":"help"}');
    return JSON.parse(await client.nextText('who', (text) => text.includes('"who"')));
  }

  /** How often a route's function was begun and was over by now; one that was killed is never over. */
  function runsOf(routeKey: string): { begun: number; over: number } {
    const count = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith(`${routeKey} `)).length;
    return { begun: count(ran), over: count(done) };
  }

  return { cloud, given, faults, who, ran, runsOf };
}

async function trace(lambda: Resource, dir: string): Promise<void> {
  const asset = join(dir, `asset.${String(lambda.Properties.Code.S3Key).replace('.zip', '')}`);
  await writeFile(join(asset, 'real.mjs'), await readFile(join(asset, 'index.mjs')));
  await replaceCode(lambda, dir, TRACED);
}
