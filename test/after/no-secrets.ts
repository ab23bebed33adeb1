import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { readFrame } from '../../protocol/index.ts';
import { given, unique } from '../support/given.ts';
import { cloud } from './control.ts';

// Shorter ones are words that occur in any text.
const TELLING = 10;
const SECRET_FIELDS = ['content', 'password', 'old_password', 'new_password', 'session_token'];

/** What clients sent that is nobody else's business. */
function secretsOf(frame: string): string[] {
  const { input } = readFrame(frame);
  return SECRET_FIELDS.flatMap((field) => (typeof input[field] === 'string' ? [input[field]] : []));
}

/** What of a text occurs in a log, as it is or as JSON writes it. */
const isIn = (log: string) => (secret: string) =>
  log.includes(secret) || log.includes(JSON.stringify(secret).slice(1, -1));

test.runIf(cloud.isThere())('no function logs what clients write in secret', async () => {
  const marks = Array.from({ length: 8 }, (_, index) => `${unique('secret')}-${index}-${'x'.repeat(10)}`);
  const [content, password, wrong, broken, long, inName, token, inType] = marks;
  const ann = await given.aUser();
  const name = unique('kept');
  const stranger = await given.aStranger();
  await stranger.request({ type: 'register', username: name, password });
  await stranger.request({ type: 'login', username: name, password: wrong });
  const { session_token } = (await stranger.request({ type: 'login', username: name, password })) as {
    session_token?: string;
  };
  await stranger.request({ type: 'SEND_MESSAGE', recipient: ann.name, content });
  await ann.next({ type: 'RECEIVE_MESSAGE' });
  await stranger.request({ type: 'SEND_MESSAGE', recipient: ann.name, content: long?.repeat(1_500) });
  await stranger.request({ type: 'SEND_MESSAGE', recipient: inName, content: 7 });
  await stranger.request({ type: 'login', session_token: token });
  await stranger.say(`{"type":"SEND_MESSAGE","content":"${broken}"`);
  await stranger.say(`{"type":"${inType}"}`);

  const file = inject('secretsFile');
  const sent = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const secrets = new Set(sent.flatMap((line) => secretsOf(JSON.parse(line) as string)));
  const all = [...secrets, ...marks, String(session_token)].filter((secret) => secret.length >= TELLING);
  const logs = await cloud.logs();
  expect(logs.length).toBeGreaterThan(10);
  expect(all.length).toBeGreaterThan(marks.length);
  const log = logs.join('\n');
  expect(all.filter(isIn(log))).toEqual([]);
});

test.runIf(cloud.isThere())('no log line names the user that it is about', async () => {
  const [ann, ben] = await given.users(2);
  const group = await given.aGroup(ann, ben);
  await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'hi' });
  await ann.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'hi' });
  await ann.request({ type: 'SEND_MESSAGE', recipient: unique('nobody'), content: 'hi' });
  await ben.next({ type: 'RECEIVE_MESSAGE' });
  await ben.next({ type: 'RECEIVE_GROUP_MESSAGE' });
  const logs = await cloud.logs();
  const stands = createHash('sha256').update(ann.name).digest('base64url').slice(0, 12);
  expect(logs.filter((line) => line.includes(stands)).length).toBeGreaterThanOrEqual(3);
  expect(logs.filter((line) => line.includes(ann.name) || line.includes(ben.name))).toEqual([]);
});

test.runIf(cloud.isThere())(
  'no log line has a network address, or something that could be a token',
  async () => {
    const log = (await cloud.logs()).join('\n');
    expect(log.match(/"(source_?ip|address)"/gi) ?? []).toEqual([]);
    // 256 bits in base64url, the last character of which has two of them.
    expect(log.match(/(?<![\w-])[\w-]{42}[AEIMQUYcgkosw048](?![\w-])/g) ?? []).toEqual([]);
  },
);
