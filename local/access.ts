import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newCredentials } from './callers.ts';
import { startEngine } from './engine/engine.ts';
import type { Assembly } from './template/assembly.ts';
import { readTemplate } from './template/read.ts';

// This machine's Node may be older than Lambda's; hide the SDK's warning about that from administrators.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Tables with full access, for administrators. */
export interface Access {
  client: DynamoDBClient;
  /** @param name the table's name in the CDK app */
  tableOf(name: string): string;
  close(): Promise<void>;
}

/**
 * Opens the data of a service on this machine, which must not be running.
 * @param assembly or its folder: it defines the tables
 * @throws Error if another process has it open
 */
export async function openData(path: string, assembly: string | Assembly): Promise<Access> {
  const { tables } = readTemplate(assembly, 'http://localhost');
  const statements = [{ effect: 'Allow' as const, actions: ['dynamodb:*'], resources: ['*'] }];
  const admin = { id: 'Admin', name: 'Admin', arn: 'arn:local:admin', statements };
  const credentials = newCredentials();
  const { accessKeyId, sessionToken } = credentials;
  const callers = new Map([[accessKeyId, { identity: admin, sessionToken }]]);
  const engine = await startEngine({ path, tables, callers });
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'local',
    credentials: { ...credentials, secretAccessKey: 'unused' },
  });
  // The CDK appends a hash to a logical id.
  const physical = new Map(tables.map(({ name }) => [name.replace(/[0-9A-F]{8}$/, ''), name]));
  return {
    client,
    tableOf: (name) => physical.get(name) ?? name,
    async close() {
      client.destroy();
      await engine.close();
    },
  };
}
