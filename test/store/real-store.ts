import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { makeTables } from '../../lib/tables.ts';
import { Dynamo } from '../../local/engine/dynamo.ts';
import { Front } from '../../local/engine/front.ts';
import { type Outcome, openStore } from '../../local/engine/store.ts';
import { SHARDS, type StreamRecord } from '../../local/engine/streams.ts';
import { Faults } from '../../local/faults/faults.ts';
import { readTemplate } from '../../local/template/read.ts';
import { portsIn, type StorePorts, tablesOf } from '../../store/tables.ts';

/** The real store, over HTTP, on the local engine with the tables of the real stack. */
export interface RealStore {
  ports: StorePorts;
  /** Where its engine is. */
  endpoint: string;
  close(): Promise<void>;
}

/** One that loses answers. */
export interface LossyStore extends RealStore {
  /** Lets the calls take effect that were answered before they did. */
  letThrough(): Promise<void>;
  /** The next records of all streams, those of a shard in order, of tables that have one. */
  records(): Promise<StreamRecord[]>;
}

/** What the engine knows the tests by. */
export const credentials = { accessKeyId: 'TEST', secretAccessKey: 'none', sessionToken: 'test' };

const allowed = {
  id: 'Test',
  arn: 'arn:aws:iam::000000000000:role/test',
  statements: [{ effect: 'Allow' as const, actions: ['dynamodb:*'], resources: ['*'] }],
};

/** What becomes of a call: its answer is lost; so it is, and it takes effect late; or it is refused for its rate. */
type Fate = (operation: string) => Promise<'lost' | 'late' | 'throttled' | false> | boolean;

const failed = (status: number, type: string): Outcome => ({
  status,
  body: { __type: `x#${type}`, message: type },
});

/** Some calls are answered with what did not become of them. */
class LossyDynamo extends Dynamo {
  fate: Fate = () => false;
  readonly late: (() => Promise<unknown>)[] = [];

  override async call(...[operation, input]: Parameters<Dynamo['call']>): ReturnType<Dynamo['call']> {
    const fate = await this.fate(operation);
    const consumed = { read: 0, write: 0 };
    if (fate === 'throttled') return { ...failed(400, 'ProvisionedThroughputExceededException'), consumed };
    const lost = failed(500, 'InternalServerError');
    if (fate === 'late') {
      this.late.push(() => super.call(operation, input));
      return { ...lost, consumed };
    }
    const answer = await super.call(operation, input);
    return fate ? { ...answer, ...lost } : answer;
  }
}

/**
 * @param fate of each call; true, its answer is lost
 * @param maxAttempts that the SDK makes at a call; its own number if absent
 * @param hasEvents whether tables have streams
 */
export async function realStore(
  fate: Fate = () => false,
  maxAttempts?: number,
  hasEvents = false,
): Promise<LossyStore> {
  const tables = deployedTables(hasEvents);
  const store = openStore(undefined, { tables });
  await store.ready();
  const dynamo = new LossyDynamo(store);
  for (const { create } of tables) await dynamo.createTable(create);
  dynamo.fate = fate;
  const callers = new Map([['TEST', { identity: allowed, sessionToken: 'test' }]]);
  const { server } = new Front({ dynamo, callers, faults: new Faults('test'), kill: () => {} });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    ...(maxAttempts !== undefined && { maxAttempts }),
    credentials,
  });
  /** The last record that was read of each shard. */
  const read = new Map<string, string>();
  return {
    ports: portsOf(client, tables),
    endpoint,
    async letThrough() {
      for (const take of dynamo.late.splice(0)) await take();
    },
    async records() {
      const found: StreamRecord[] = [];
      for (const { name } of tables.filter(({ stream }) => stream))
        for (let shard = 0; shard < SHARDS; shard++) {
          const place = `${name} ${shard}`;
          const records = await store.streams.read(name, shard, read.get(place) ?? '', 10_000);
          const last = records.at(-1)?.dynamodb.SequenceNumber;
          if (last !== undefined) read.set(place, last);
          found.push(...records);
        }
      return found;
    },
    async close() {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await store.close();
    },
  };
}

/** The real store, in whatever DynamoDB a client reaches. */
export const portsOf = (client: DynamoDBClient, tables: readonly { name: string }[]): StorePorts =>
  portsIn(tablesOf(client, (id) => nameOf(tables, id)));

/** The tables as the stack makes them, without its functions, which would have to be bundled first. */
export function deployedTables(hasEvents = false) {
  const app = new App();
  const stack = new Stack(app, 'Tables');
  makeTables(stack, RemovalPolicy.DESTROY, false, hasEvents);
  new CfnApi(stack, 'Api', {
    name: 'api',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.type',
  });
  return readTemplate(app.synth().directory, 'http://127.0.0.1:1').tables;
}

function nameOf(tables: readonly { name: string }[], id: string): string {
  const found = tables.filter(({ name }) => name.includes(id));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} tables are ${id}, not one`);
  return found[0].name;
}
