import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { credentials, deployedTables, portsOf, type RealStore } from './real-store.ts';

/** Where AWS's DynamoDB Local is, if it is (.ci/dynamodb-local); it needs Java. */
export const folder = process.env.DYNAMODB_LOCAL || undefined;

/** The real store, on AWS's own DynamoDB Local, in memory. */
export async function dynamoDbLocal(): Promise<RealStore> {
  const port = await freePort();
  const libraries = `-Djava.library.path=${join(folder ?? '', 'DynamoDBLocal_lib')}`;
  const jar = join(folder ?? '', 'DynamoDBLocal.jar');
  const flags = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', `${port}`];
  const java = spawn('java', [libraries, '-jar', jar, ...flags], { stdio: 'ignore' });
  const ended = once(java, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await vi.waitFor(async () => {
    expect(java.exitCode, 'java has ended').toBeNull();
    await fetch(endpoint);
  }, 60_000);
  const tables = deployedTables();
  for (const { create } of tables) await client.send(new CreateTableCommand(create as never));
  return {
    ports: portsOf(client, tables),
    endpoint,
    async close() {
      client.destroy();
      java.kill();
      await ended;
    },
  };
}
