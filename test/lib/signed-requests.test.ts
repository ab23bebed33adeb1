import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { bundleFiles } from '../../lib/bundles.ts';

// The local cloud gives functions its own endpoints, and does not check signatures. AWS gives none, and does: this is what
// a bundle sends there, with a server here in the place of each.

interface Received {
  host: string;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const QUEUED = '{"chat":"#team","seq":7}';
const received: Received[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url: path = '', headers } = request;
  const body = Buffer.concat(chunks).toString();
  received.push({ host: headers.host ?? '', method, path, headers, body });
  // What the queue's client checks; the others take no notice of it.
  const MD5OfMessageBody = createHash('md5').update(QUEUED).digest('hex');
  response
    .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify({ MD5OfMessageBody }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const hosts: string[] = [];
vi.spyOn(https, 'request').mockImplementation(((
  { agent: _, ...options }: https.RequestOptions,
  done: () => void,
) => {
  hosts.push(String(options.host));
  const { port } = server.address() as AddressInfo;
  return plainRequest({ ...options, protocol: 'http:', host: '127.0.0.1', port }, done);
}) as typeof https.request);

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
for (const [name, value] of Object.entries({
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_SESSION_TOKEN: 'the/token==',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  CONNECTIONS_TABLE: 'Connections',
  CALLBACK_URL: 'https://abc.execute-api.eu-central-1.amazonaws.com/prod',
  QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/fan-out',
})) {
  vi.stubEnv(name, value);
}

afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const load = (name: string, from: string) =>
  import(pathToFileURL(join(bundleFiles([name], from).get(name)?.folder ?? '', 'index.mjs')).href);

const [calls, queue] = [await load('calls', 'test/lib/fixtures'), await load('sqs', 'lambdas/aws')];

/** What the bundle sent while this was done, and to which host. */
async function sentBy(act: () => Promise<unknown>): Promise<Received> {
  received.length = 0;
  hosts.length = 0;
  await act();
  expect(received).toHaveLength(1);
  const [only] = received as [Received];
  expect(hosts).toEqual([only.host]);
  return only;
}

const hash = (data: string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** The signature as AWS computes it from what it received: "Create a signed AWS API request", version 4. */
function authorizationOf({ method, path, headers, body }: Received, service: string): string {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [method, encoded, '', lines, names.join(';'), hash(body)].join('\n');
  const date = String(headers['x-amz-date']);
  const scope = [date.slice(0, 8), 'eu-central-1', service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secret}`);
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
}

function expectSigned(sent: Received, service: string): void {
  expect(sent.headers.authorization).toBe(authorizationOf(sent, service));
  for (const name of ['host', 'x-amz-date', 'x-amz-security-token']) {
    expect(sent.headers.authorization).toMatch(new RegExp(`SignedHeaders=[^,]*\\b${name}\\b`));
  }
  expect(sent.headers['x-amz-security-token']).toBe('the/token==');
  if (sent.method === 'POST')
    expect(sent.headers['content-length']).toBe(String(Buffer.byteLength(sent.body)));
}

// The second of each has its key from the first, and so has any other from then on.
test.each([1, 2])("a call to DynamoDB goes to the region's endpoint, signed for it (%i)", async () => {
  const sent = await sentBy(() => calls.connections.get('L0SM9cOFvHcCIhw='));
  expect(sent).toMatchObject({ host: 'dynamodb.eu-central-1.amazonaws.com', method: 'POST', path: '/' });
  expect(sent.headers['x-amz-target']).toBe('DynamoDB_20120810.GetItem');
  expect(JSON.parse(sent.body)).toMatchObject({ TableName: 'Connections' });
  expectSigned(sent, 'dynamodb');
});

test.each([1, 2])("a post goes to the API's own stage, signed for it (%i)", async () => {
  const sent = await sentBy(() => calls.gateway.post('L0SM9cOFvHcCIhw=', '{"type":"pong","content":"ä€🎈"}'));
  expect(sent).toMatchObject({
    host: 'abc.execute-api.eu-central-1.amazonaws.com',
    method: 'POST',
    path: '/prod/@connections/L0SM9cOFvHcCIhw%3D',
    body: '{"type":"pong","content":"ä€🎈"}',
  });
  expectSigned(sent, 'execute-api');
});

test.each([
  ['a look', 'GET', () => calls.gateway.isOpen('L0SM9cOFvHcCIhw=')],
  ['a close', 'DELETE', () => calls.gateway.close('L0SM9cOFvHcCIhw=')],
])('%s goes to the same address, signed for it', async (_, method, act) => {
  const sent = await sentBy(act);
  expect(sent).toMatchObject({ method, path: '/prod/@connections/L0SM9cOFvHcCIhw%3D', body: '' });
  expectSigned(sent, 'execute-api');
});

test("an Invoke goes to the region's Lambda, signed for it", async () => {
  const event = { body: '{"type":"ping","request_id":"ä€🎈"}', form: 'text' };
  const sent = await sentBy(() => calls.invoke('Parley-PingFunction1234', event));
  expect(sent).toMatchObject({
    host: 'lambda.eu-central-1.amazonaws.com',
    method: 'POST',
    path: '/2015-03-31/functions/Parley-PingFunction1234/invocations',
    body: JSON.stringify(event),
  });
  expectSigned(sent, 'lambda');
});

test("a message to the queue goes to the queue's address, signed for it", async () => {
  const sent = await sentBy(() => queue.send(QUEUED, false));
  expect(sent.host).toBe('sqs.eu-central-1.amazonaws.com');
  expect(JSON.parse(sent.body)).toMatchObject({ MessageBody: QUEUED });
  expectSigned(sent, 'sqs');
});
