import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { tokensOf } from '../../../clients/terminal/token-command.ts';

test('the first line that a command prints is the token', async () => {
  expect(await tokensOf("printf '\\n a.b.c \\r\\nmore\\n'; echo noise >&2")()).toBe('a.b.c');
});

test('the command is told why the last token was refused', async () => {
  const command = tokensOf('echo "<$CHAT_TOKEN_REFUSED>"');
  expect([await command(), await command('token_expired')]).toEqual(['<>', '<token_expired>']);
});

test.each([
  ['exit 3', '`exit 3` exited with code 3'],
  ['echo not signed in >&2; exit 1', 'exited with code 1: not signed in'],
  ['kill -9 $$', 'was ended by SIGKILL'],
  ['true', '`true` printed no token'],
  ['no-such-command-here', 'exited with code 127'],
])('%s is reported', async (command, why) => {
  await expect(tokensOf(command)()).rejects.toThrow(why);
});

test('a command that takes too long is ended, with all processes that it started', async () => {
  // The second `sleep` would hold the output open.
  await expect(tokensOf('sleep 600 & sleep 600', 200)()).rejects.toThrow('did not end within 0.2 s');
});

test('a process that the command leaves running, even in a session of its own, delays nobody', async () => {
  for (const left of ['sleep 30 &', 'setsid sleep 30 &'])
    expect(await tokensOf(`echo token; ${left}`)()).toBe('token');
  await expect(tokensOf('setsid sleep 30; true', 200)()).rejects.toThrow('did not end within 0.2 s');
});

test('a command that is still running ends with the terminal', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const module = new URL('../../../clients/terminal/token-command.ts', import.meta.url).href;
  // It runs for as long as its connection is open.
  const command = `exec "${process.execPath}" -e "net.connect(${port}, '127.0.0.1')"`;
  const program = `import { tokensOf } from '${module}';
    tokensOf(process.env.COMMAND)();
    process.stdin.on('end', () => process.exit()).resume();`;
  const terminal = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    env: { ...process.env, COMMAND: command },
  });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  const [connection] = (await once(server, 'connection')) as [Socket];
  connection.on('error', () => {});
  terminal.stdin.end();
  await once(connection.resume(), 'close');
});

test("the command does not read the terminal's input", async () => {
  expect(await tokensOf('cat; echo token')()).toBe('token');
});
