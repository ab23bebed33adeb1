import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { localCloud } from './cloud.ts';
import { tempFolder } from './stack.ts';

const refused = vi.fn();
const { cloud } = await localCloud(
  { echo: { handler: 'echo', environment: { ALLOWED_ORIGINS: 'https://a.example,https://b.example' } } },
  {
    visitors: { hosts: ['chat.example'], origins: ['https://app.example', 'null'], refused },
    pages: {
      folder: tempFolder(),
      headers: { 'content-security-policy': "connect-src 'self' SOCKET" },
      live: { '/metrics': async () => ({ type: 'text/plain', body: 'secret' }) },
    },
  },
);
const { port } = new URL(cloud.url);
const here = `localhost:${port}`;

async function get(path: string, headers: Record<string, string>) {
  const asked = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** What becomes of a handshake: 101, or the status and the sentence that it is refused with. */
async function handshake(headers: Record<string, string>): Promise<[status: number, why: string]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
  const opened = once(socket, 'open').then(() => [101, ''] as [number, string]);
  socket.on('error', () => {});
  const turnedAway = once(socket, 'unexpected-response').then(
    async ([, response]): Promise<[number, string]> => [response.statusCode, await text(response)],
  );
  const outcome = await Promise.race([opened, turnedAway]);
  socket.terminate();
  return outcome;
}

test.each([
  ['what is no browser', {}],
  ['a page of this service', { host: here, origin: `http://${here}` }],
  ['a page of it, by its address', { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }],
  ['a page of it, by its address in IPv6', { host: `[::1]:${port}`, origin: `http://[::1]:${port}` }],
  ['a page of it, from another machine', { host: '192.0.2.7:3001', origin: 'http://192.0.2.7:3001' }],
  ['a page that is developed on this machine', { host: here, origin: 'http://localhost:5173' }],
  ['a name that is allowed', { host: 'Chat.Example' }],
  ['a page behind a proxy of that name', { host: 'chat.example', origin: 'https://chat.example' }],
  ['a page behind a proxy that keeps its name to itself', { host: here, origin: 'https://chat.example' }],
  ['an origin that is allowed', { host: here, origin: 'https://app.example' }],
  ['an origin that the template allows', { host: here, origin: 'https://b.example' }],
  ['a file, if those are allowed', { host: here, origin: 'null' }],
] as [string, Record<string, string>][])('%s is let in', async (_, headers) => {
  refused.mockClear();
  expect(await handshake(headers)).toEqual([101, '']);
  expect(await get('/metrics', { host: here, ...headers })).toMatchObject({ status: 200, body: 'secret' });
  expect(refused).not.toHaveBeenCalled();
});

const evil = 'https://evil.example';
test.each([
  ['a page from elsewhere', { host: here, origin: evil }, `--allow-origin ${evil}`],
  ['a name that somebody points at this machine', { host: 'evil.example' }, '--allow-host evil.example'],
  [
    'such a name with its own origin',
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
    '--allow-host evil.example',
  ],
  ['a name that begins like ours', { host: 'localhost.evil.example' }, '--allow-host localhost.evil.example'],
  [
    'an origin that begins like ours',
    { host: here, origin: 'https://app.example.evil.example' },
    '--allow-origin https://app.example.evil.example',
  ],
  [
    'an allowed name with another scheme than its origin has',
    { host: here, origin: 'http://app.example' },
    '--allow-origin',
  ],
  ['a page of another machine', { host: here, origin: 'http://192.0.2.7' }, '--allow-origin'],
  [
    'a page that says it is behind a proxy',
    { host: 'evil.example', 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'https' },
    '--allow-host evil.example',
  ],
  ['what is no host', { host: 'a b' }, 'cannot read the host'],
  ['a host with a name in front', { host: 'localhost@evil.example' }, 'cannot read the host'],
  ['an origin that would write on the screen', { host: here, origin: 'x\u009b2J' }, 'cannot read the origin'],
] as [string, Record<string, string>, string][])(
  '%s is refused, and told which flag lets it in',
  async (_, headers, flag) => {
    refused.mockClear();
    const [status, why] = await handshake(headers);
    expect(status).toBe(403);
    expect(why).toContain(flag);
    const page = await get('/metrics', headers);
    expect([page.status, page.body]).toEqual([403, why]);
    expect(refused.mock.calls).toEqual([[why.trim()], [why.trim()]]);
  },
);

test.each([
  ['as it was asked', { host: here }, `ws://${here}`],
  ['with TLS behind a proxy', { host: 'chat.example', 'x-forwarded-proto': 'https' }, 'wss://chat.example'],
  [
    'by the name of a proxy that asks by another',
    { host: here, 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'chat.example' },
    'wss://chat.example',
  ],
  ['without TLS, if the proxy has none', { host: here, 'x-forwarded-proto': 'http' }, `ws://${here}`],
  ['not by a name that is not allowed', { host: here, 'x-forwarded-host': 'evil.example' }, `ws://${here}`],
] as [string, Record<string, string>, string][])(
  'the page is told the address of the socket: %s',
  async (_, headers, url) => {
    const { body, headers: answered } = await get('/config.json', headers);
    expect(JSON.parse(body)).toEqual({ url });
    expect(answered['content-security-policy']).toBe(`connect-src 'self' ${url}`);
  },
);
