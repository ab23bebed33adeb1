import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { assemblyIn } from '../support/assembly.ts';
import { program } from '../support/programs.ts';

// The commands of docs/identity.md, on ports that are free.

const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');

/** Runs an example. @returns it, and what it has printed */
function run(file: string, ...args: string[]): { child: ChildProcess; printed: () => string } {
  const child = spawn(process.execPath, [program(`examples/${file}`), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout?.on('data', (data) => (printed += data));
  return { child, printed: () => printed };
}

const says = ({ printed }: Pick<ReturnType<typeof run>, 'printed'>, text: string | RegExp) =>
  vi.waitFor(() => expect(printed()).toMatch(text), 60_000);

const backend = run('backend.ts', '0');
afterAll(() => void backend.child.kill());
await says(backend, /Issuer: \S+\n/);
const [, issuer = ''] = /Issuer: (\S+)/.exec(backend.printed()) ?? [];
const [, flags = ''] = /^npm start --( -c .*localhost.*)$/m.exec(page) ?? [];
const settings = [...flags.matchAll(/ -c (\w+)=(\S+)/g)].map(([, name, value = '']) => [
  name,
  value.replace('http://localhost:8080', issuer),
]);
const cloud = await startCloud({ assembly: assemblyIn(Object.fromEntries(settings)), port: 0 });
afterAll(() => cloud.close());

/** A client with the name and password of one of the page's commands. */
function client(name: string) {
  const [, user = '', password = ''] =
    new RegExp(`examples/client\\.ts (${name}@\\S+) (\\w+)`).exec(page) ?? [];
  const running = run('client.ts', user, password, cloud.url, issuer);
  onTestFinished(() => void running.child.kill());
  return { ...running, user };
}

test('users of the backend write to each other, with its tokens', async () => {
  const [alice, bob] = [client('alice'), client('bob')];
  await Promise.all([says(alice, 'alice@example.com is online'), says(bob, 'bob@example.com is online')]);
  const [, line = ''] = /answers in the terminal: `(.+)`/.exec(page) ?? [];
  bob.child.stdin?.write(`${line}\n`);
  await says(alice, `${bob.user}: ${line.replace(`${alice.user} `, '')}`);
  bob.child.stdin?.end();
  await once(bob.child, 'exit');
});

test('the backend gives no token to unknown users', async () => {
  const stranger = run('client.ts', 'alice@example.com', 'a guess', cloud.url, issuer);
  onTestFinished(() => void stranger.child.kill());
  await says(stranger, 'waiting getToken: the backend answered 401');
  const ask = (path: string, method: string) => fetch(issuer + path, { method }).then(({ status }) => status);
  expect([await ask('/token', 'POST'), await ask('/token', 'GET'), await ask('/x', 'GET')]).toEqual([
    401, 404, 404,
  ]);
});
