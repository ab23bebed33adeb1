// The server process of `npm run bench`: the cloud and both baselines.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { startCloud } from '../../local/cloud.ts';
import { startEngine } from '../../local/engine/engine.ts';
import { ensureAssembly } from '../../local/synth.ts';

/** Where the servers listen. */
export interface Servers {
  chat: string;
  echo: string;
  dynamo: string;
}

const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Log';
const create = {
  TableName: 'Log',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};
const statements = [{ effect: 'Allow' as const, actions: ['dynamodb:PutItem'], resources: [arn] }];

const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0 });
const engine = await startEngine({
  tables: [{ name: 'Log', arn, create }],
  callers: new Map([
    ['bench', { identity: { id: 'bench', arn: 'arn:bench', statements }, sessionToken: 'bench' }],
  ]),
});
const echo = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
echo.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })));
await once(echo, 'listening');
const { port } = echo.address() as AddressInfo;
process.send?.({
  chat: cloud.url,
  echo: `ws://127.0.0.1:${port}`,
  dynamo: engine.endpoint,
} satisfies Servers);
process.once('disconnect', () => process.exit(0));
