import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createListener } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { listenOn } from '../../local/listen.ts';
import { ask, localCloud } from './cloud.ts';

const { cloud } = await localCloud({ echo: { handler: 'echo' } });
const { port } = new URL(cloud.url);

/** Whether the machine has an address, or another process its port. */
async function canListen(address: string, at = 0): Promise<boolean> {
  const probe = createListener();
  const outcome = once(probe, 'listening').then(
    () => true,
    () => false,
  );
  probe.listen(at, address);
  const can = await outcome;
  probe.close();
  return can;
}

const here = { '127.0.0.1': await canListen('127.0.0.1'), '::1': await canListen('::1') };
const addresses = Object.entries(here).flatMap(([address, isHere]) => (isHere ? [address] : []));

test.each([...addresses, 'localhost'])('the service is at %s', async (host) => {
  const { connect: open } = await import('../support/client.ts');
  const client = await open(`ws://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const { requestContext } = await ask(client, { type: 'echo' });
  expect(addresses).toContain(requestContext.identity.sourceIp);
  await client.close();
});

test('with a given address, the service listens on no other', async () => {
  const server = createServer();
  const { port: at, stop } = await listenOn(server, 0, '127.0.0.1');
  onTestFinished(stop);
  expect(await canListen('127.0.0.1', at)).toBe(false);
  if (here['::1']) expect(await canListen('::1', at)).toBe(true);
});

describe('on both addresses', () => {
  beforeEach(({ skip }) => skip(addresses.length < 2, 'this machine has no 127.0.0.1 or no ::1'));

  test.each(['127.0.0.1', '::1'])(
    'a port in use on %s is reported as used, and is left alone on the other',
    async (address) => {
      const other = createListener();
      other.listen(0, address);
      await once(other, 'listening');
      onTestFinished(() => void other.close());
      const { port: taken } = other.address() as AddressInfo;
      await expect(listenOn(createServer(), taken, 'localhost')).rejects.toHaveProperty('code', 'EADDRINUSE');
      for (const each of addresses) expect(await canListen(each, taken)).toBe(each !== address);
    },
  );

  test('a stopped service listens on neither', async () => {
    const server = createServer((_, response) => void response.end('here'));
    const { port: at, stop } = await listenOn(server, 0, 'localhost');
    for (const host of ['127.0.0.1', '[::1]'])
      expect(await (await fetch(`http://${host}:${at}`, { headers: { connection: 'close' } })).text()).toBe(
        'here',
      );
    stop();
    for (const host of addresses) {
      const socket = connect(at, host);
      expect(((await once(socket, 'error')) as [Error & { code: string }])[0].code).toBe('ECONNREFUSED');
    }
  });
});
