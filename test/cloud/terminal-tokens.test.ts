import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { assemblyIn } from '../support/assembly.ts';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { startProvider } from '../support/provider.ts';
import { chat, seatedAt } from '../support/terminal.ts';

// The terminal of somebody whose tokens a command prints.

const provider = await startProvider('chat');
afterAll(() => provider.close());
const context = { jwtIssuer: provider.issuer, jwtAudience: 'chat' };
const { cloud, given } = await ownCloud({ assembly: assemblyIn(context) }, provider.tokenOf);

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/**
 * A command that prints a token made at the moment it is run, and says why it was run again: a program may take long to start
 * on a busy machine, and its first token must not have run out by then.
 */
async function tokens(first: () => string) {
  let make = first;
  const asked: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    asked.push(url.slice(1));
    response.end(make());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const script = `fetch("${url}" + (process.env.CHAT_TOKEN_REFUSED ?? "")).then((it) => it.text()).then(console.log)`;
  return {
    command: `${process.execPath} -e '${script}'`,
    next: (maker: () => string) => {
      make = maker;
    },
    asked,
  };
}

// Seconds, from the moment a token is asked for.
const LIFE = 20;

const shortLived = (sub: string) => provider.tokenOf({ sub, exp: Math.floor(Date.now() / 1000) + LIFE });

test('the token says who it is, so that no name is needed, and what is stored is the same with the name', async () => {
  const [sub, bob] = [unique('auth0|Ann'), await given.aUser()];
  const { command } = await tokens(() => provider.tokenOf({ sub }));
  const store = folder();
  const flags = ['--token-command', command, '--store', store];
  expect(await chat([cloud.url, ...flags], `${bob.name} hello\n`).ended).toEqual({
    ...{ output: '', errors: '', code: 0 },
  });
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: sub, content: 'hello' });
  await bob.request({ type: 'SEND_MESSAGE', recipient: sub, content: 'and back' });
  const named = await chat([sub, cloud.url, ...flags], '').ended;
  expect(named).toMatchObject({ output: expect.stringContaining(`${bob.name}: and back\n`), code: 0 });
  // The cursor is where the first run left it: nothing comes again without the name.
  expect(await chat([cloud.url, ...flags], '').ended).toEqual({ output: '', errors: '', code: 0 });
  const [service = ''] = readdirSync(store);
  expect(readdirSync(join(store, service)).filter((file) => file.endsWith('.jsonl'))).toHaveLength(1);
});

test('before a token expires the command is run again, and nothing is missed', async () => {
  const [sub, bob] = [unique('Ann'), await given.aUser()];
  const { command, asked, next } = await tokens(() => shortLived(sub));
  const run = chat([cloud.url, '--follow', '--json', '--token-command', command], '');
  await run.shows('"online"');
  next(() => provider.tokenOf({ sub }));
  await expect.poll(() => asked).toEqual(['', '']);
  await bob.request({ type: 'SEND_MESSAGE', recipient: sub, content: 'still there?' });
  await run.shows('still there?');
  expect(run.printed()).not.toContain('"waiting"');
  run.child.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ errors: '', code: 0 });
});

test('a refused token is reported with its reason, and so is the token of somebody else', async () => {
  const foreign = await tokens(() => provider.tokenOf({ sub: unique('Ann'), aud: 'account' }));
  const refused = await chat([cloud.url, '--token-command', foreign.command], '').ended;
  expect(refused).toMatchObject({ output: '', code: 1 });
  expect(refused.errors).toBe('The token is not valid here. It is for "account", not for chat.\n');
  expect(foreign.asked).toEqual(['', 'invalid_token']);
  const [ann, mallory] = [unique('Ann'), unique('Mallory')];
  const { command } = await tokens(() => provider.tokenOf({ sub: mallory }));
  const posing = await chat([ann, cloud.url, '--token-command', command], '').ended;
  expect(posing).toMatchObject({ errors: expect.stringContaining(`${ann}: `), code: 1 });
});

test('on a full screen the reason for the end is the same sentence, on the normal screen', async () => {
  const sub = unique('Ann');
  const { command, next } = await tokens(() => shortLived(sub));
  const run = seatedAt('xterm', [cloud.url, '--token-command', command]);
  await run.shows(sub);
  next(() => provider.tokenOf({ sub, aud: 'account' }));
  expect((await run.ended).code).toBe(1);
  const [, after = ''] = run.printed().split('\u001b[?1049l');
  expect(after).toContain('It is for "account", not for chat.');
});
