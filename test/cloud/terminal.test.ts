import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { chat, seatedAt } from '../support/terminal.ts';

const { cloud, given } = await ownCloud();

const lines = (output: string) => output.trimEnd().split('\n');
const objects = (output: string): Record<string, unknown>[] => lines(output).map((line) => JSON.parse(line));

test('each line of a pipe is sent to a user or a group, and messages that arrive are printed', async () => {
  const bob = await given.someoneAway();
  const alice = unique('alice');
  const group = unique('group');
  const input = `${bob} hello\n${bob}  two  spaces\n\n/create ${group}\n${group} all\n`;
  const sent = await chat([alice, cloud.url, '--register', '--password', 'geheim'], input).ended;
  expect(sent).toEqual({ output: '', errors: '', code: 0 });
  const came = await chat([bob, cloud.url], `/join ${group}\n#${group} here\n`).ended;
  expect(came).toMatchObject({ errors: '', code: 0 });
  expect(lines(came.output).map((line) => line.slice(25))).toEqual([
    `${alice}: hello`,
    `${alice}:  two  spaces`,
  ]);
  const device = await given.aStranger();
  expect(await device.request({ type: 'login', username: alice, password: 'geheim' })).toMatchObject({
    pending_messages: [{ group_id: group, sender: bob, content: 'here' }],
  });
});

test('a line that cannot be sent is reported, the others are sent, and the exit code says so', async () => {
  const [alice, bob] = [await given.someoneAway(), await given.aUser()];
  const run = await chat(
    [alice, cloud.url, '--json'],
    `nobody-here x\n${bob.name}\n/nothing\n${bob.name} last\n`,
  ).ended;
  expect(run.code).toBe(1);
  const events = objects(run.output);
  expect(events.filter(({ event }) => event === 'failed' || event === 'problem')).toMatchObject([
    { event: 'failed', line: 1, to: 'nobody-here', content: 'x', code: 'unknown_recipient' },
    { event: 'problem', line: 2, input: bob.name },
    { event: 'problem', line: 3, reason: expect.stringContaining('/nothing') },
  ]);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'sent', recipient: bob.name, content: 'last' }),
  );
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'last' });
});

test('with --follow it keeps listening, shows messages as text, and ends on a signal', async () => {
  const [alice, bob] = [await given.someoneAway(), await given.aUser()];
  const run = chat([alice, cloud.url, '--follow'], '');
  const send = (content: string) => bob.request({ type: 'SEND_MESSAGE', recipient: alice, content });
  await send('pending');
  await run.shows('pending');
  await send('\u001b[2Jlive\nline');
  await run.shows(`${bob.name}: \\x1b[2Jlive\\x0aline\n`);
  run.child.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ errors: '', code: 0 });
});

test('lines left unsent by a killed process are sent by the next, each once, in order', async () => {
  const [alice, bob] = [await given.someoneAway(), await given.someoneAway()];
  const store = mkdtempSync(join(tmpdir(), 'parley-'));
  onTestFinished(() => rmSync(store, { recursive: true, force: true }));
  const contents = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const first = chat([alice, cloud.url, '--store', store, '--json']);
  first.child.stdin?.write(contents.map((content) => `${bob} ${content}\n`).join(''));
  await first.shows('"sent"');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await chat([alice, cloud.url, '--store', store, '--json'], '').ended;
  expect(second.code).toBe(0);
  expect(objects(second.output).some(({ event }) => event === 'sent')).toBe(true);
  const device = await given.device(alice);
  const { messages } = await device.request({ type: 'fetch_history', recipient: bob, limit: 200 });
  expect((messages as { content: string }[]).map(({ content }) => content)).toEqual(contents);
});

test('a user who is not let in gets one line, and the exit code is 1', async () => {
  const { output, errors, code } = await chat(['nobody-at-all', cloud.url], 'bob hello\n').ended;
  expect([output, code]).toEqual(['', 1]);
  expect(errors).toBe('nobody-at-all: Wrong username or password.\n');
});

test('a dumb terminal gets plain lines, without an escape sequence, and accepts input', async () => {
  const [name, bob] = [unique('dumb'), await given.aUser()];
  const { child, shows, printed } = seatedAt('dumb', [name, cloud.url]);
  await shows('Password (just Enter to register): ');
  child.stdin.write('\r');
  await shows(`A password for ${name}`);
  child.stdin.write('\r');
  await shows('/help lists the commands');
  child.stdin.write('/help\r');
  await shows('/logout');
  child.stdin.write(`${bob.name} one\r${bob.name} two\r`);
  for (const content of ['one', 'two'])
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content, sender: name });
  await bob.request({ type: 'SEND_MESSAGE', recipient: name, content: 'back\u001b[2J' });
  await shows(`${bob.name}: back\\x1b[2J`);
  child.stdin.write('/quit\r');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(printed()).not.toContain('\u001b');
});
