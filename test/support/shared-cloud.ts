import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import type { Cloud } from '../../local/cloud.ts';
import type { FaultPlan } from '../../local/faults/plan.ts';
import { type Configured, configuredOf } from './configured.ts';
import { PATIENCE } from './patience.ts';

declare module 'vitest' {
  interface ProvidedContext {
    chatUrl: string;
    /** Where the cloud can be asked what it saw; empty for a deployed stage. */
    controlUrl: string;
    /** Where clients note what nobody must find in a log. */
    secretsFile: string;
    /** What that service is configured as. */
    configured: Configured;
  }
}

interface Shared {
  chatUrl: string;
  controlUrl: string;
  secretsFile: string;
  configured: Configured;
  close(): Promise<void>;
}

// The suites and those that look at what the suites did are two projects; both share this process.
const here = globalThis as { shared?: Promise<Shared>; sharers?: number };

/** Gives the e2e suites their URL: CHAT_URL if it is set, else a cloud of this process, kept in memory. */
export default async function shareCloud(project: TestProject) {
  here.shared ??= share();
  here.sharers = (here.sharers ?? 0) + 1;
  const { close, ...provided } = await here.shared;
  for (const [key, value] of Object.entries(provided)) {
    project.provide(key as keyof typeof provided, value as never);
  }
  return async () => {
    here.sharers = (here.sharers ?? 0) - 1;
    if (here.sharers === 0) await close();
  };
}

async function share(): Promise<Shared> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
  const secretsFile = join(folder, 'secrets');
  const remove = async () => rmSync(folder, { recursive: true, force: true });
  const deployed = process.env.CHAT_URL;
  if (deployed)
    return {
      chatUrl: deployed,
      controlUrl: '',
      secretsFile,
      configured: await configuredOf(deployed),
      close: remove,
    };
  const { prepared } = await import('./prepared.ts');
  const { startCloud } = await import('../../local/cloud.ts');
  const logs: string[] = [];
  const { small } = await prepared();
  const cloud = await startCloud({
    assembly: small,
    port: 0,
    patience: PATIENCE,
    log: ({ line }) => logs.push(line),
  });
  const control = await startControl(cloud, logs);
  const close = async () => {
    control.close();
    await cloud.close();
    await remove();
  };
  const configured = await configuredOf(cloud.url);
  return { chatUrl: cloud.url, controlUrl: control.url, secretsFile, configured, close };
}

/** What the cloud saw, and a way to give it a bad day, for tests in other processes. */
async function startControl(cloud: Cloud, logs: readonly string[]) {
  const server = createServer(async (request, response) => {
    if (request.url === '/faults')
      await cloud.setFaults(((await json(request)) as FaultPlan | null) ?? undefined);
    if (request.url === '/fill') {
      const { table, items } = (await json(request)) as { table: string; items: Record<string, unknown>[] };
      await cloud.fill(table, items);
    }
    if (request.url === '/answered') await cloud.answered();
    const answers: Record<string, () => unknown> = {
      '/grants': () => cloud.grants(),
      '/logs': () => logs,
      '/backend': () => cloud.invoker('ApiFunction'),
    };
    const answer = (await answers[request.url ?? '']?.()) ?? {};
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
