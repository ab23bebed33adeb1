import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ensureAssembly } from '../../local/synth.ts';
import type { Client } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

// The example, and what functions do wrong.
const FILE = join(await mkdtemp(join(tmpdir(), 'parley-')), 'hook.ts');
writeFileSync(
  FILE,
  `import { handler as filter } from ${JSON.stringify(join(import.meta.dirname, '../../examples/word-filter.ts'))};
const seen = new Map();
export async function handler(asked) {
  const { content, client_message_id: key } = asked;
  if (content.startsWith('hang')) await new Promise((done) => setTimeout(done, 60_000));
  if (content.startsWith('throw')) throw new Error('about ' + content);
  if (content.startsWith('nothing')) return;
  if (content.startsWith('large')) return { verdict: 'rewrite', content: 'é'.repeat(9_000) };
  if (content.startsWith('tell')) return { verdict: 'rewrite', content: JSON.stringify(asked) };
  if (content.startsWith('once')) {
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return seen.get(key) === 1 ? { verdict: 'deny', reason: 'The first time.' } : { verdict: 'allow' };
  }
  return filter(asked);
}
`,
);

const context = { beforeSend: FILE, beforeSendTimeout: '2' };
const lines: string[] = [];
const { cloud, given } = await ownCloud({
  assembly: await ensureAssembly({ context }),
  log: ({ function: name, line }) => void (name !== 'BeforeSend' && lines.push(line)),
});
afterEach(() => cloud.setFaults(undefined));

const say = (from: Client, to: Client, content: string, more = {}) =>
  from.request({ type: 'SEND_MESSAGE', recipient: to.name, content, ...more });
interface Said {
  chats: object[];
  messages: { content: string }[];
}
const chatsOf = async (user: Client) =>
  ((await user.request({ type: 'list_chats' })) as unknown as Said).chats;
const historyOf = async (user: Client, chat: object) =>
  ((await user.request({ type: 'fetch_history', ...chat })) as unknown as Said).messages.map(
    ({ content }) => content,
  );

test('a word filter refuses, stars and lets through, in chats and groups, by JSON and typed lines', async () => {
  const [ann, bob] = await given.users(2);
  const group_id = await given.aGroup(ann, bob);
  const inGroup = (content: string) => ann.request({ type: 'SEND_GROUP_MESSAGE', group_id, content });
  // The first message would open the chat.
  expect(await say(ann, bob, 'a Spamword')).toMatchObject({
    type: 'MESSAGE_FAILED',
    code: 'rejected',
    reason: 'This is not the place for that.',
  });
  expect(await chatsOf(ann)).toEqual([expect.objectContaining({ chat_id: `#${group_id}` })]);
  expect(await inGroup('spamword!')).toMatchObject({ type: 'GROUP_MESSAGE_FAILED', code: 'rejected' });
  expect(await say(ann, bob, 'oh heck')).toMatchObject({ seq: 1, content: 'oh ****' });
  expect(await inGroup('Darn')).toMatchObject({ seq: 1, content: '****' });
  expect(await inGroup('checked')).not.toHaveProperty('content');
  expect(await ann.say(`send ${bob.name} spamword`)).toContain('This is not the place for that.');
  expect(await ann.say(`send ${bob.name} heck yes`)).toBe('send_success');
  expect(await historyOf(bob, { recipient: ann.name })).toEqual(['oh ****', '**** yes']);
  expect((await bob.arrived()).map((each) => JSON.parse(each).content).toSorted()).toEqual(
    ['oh ****', '****', 'checked', '**** yes'].toSorted(),
  );
});

test('an edit passes through it, too', async () => {
  const [ann, bob] = await given.users(2);
  const { chat_id: chat } = await say(ann, bob, 'one');
  const edit = (content: string, more = {}) =>
    ann.request({ type: 'edit_message', chat, seq: 1, content, ...more });
  expect(await edit('a spamword')).toMatchObject({ status: 'edit_message_fail', code: 'rejected' });
  expect(await edit('what the heck', { client_message_id: 'e' })).toMatchObject({
    seq: 2,
    content: 'what the ****',
  });
  expect(await edit('what the heck', { client_message_id: 'e' })).toMatchObject({ seq: 2 });
  expect((await historyOf(bob, { recipient: ann.name }))[0]).toBe('what the ****');
  await bob.arrived();
});

describe('a function that gives no verdict', () => {
  test.each(['hang', 'throw', 'nothing', 'large'])(
    '%s: nothing is stored, and the sender may try again',
    async (what) => {
      const [ann, bob] = await given.users(2);
      expect(await say(ann, bob, `${what} secret`)).toMatchObject({ code: 'busy' });
      expect(await chatsOf(ann)).toEqual([]);
      expect(lines.filter((line) => line.includes('secret'))).toEqual([]);
      expect(lines.some((line) => line.includes('"outcome":"refused"'))).toBe(true);
    },
  );
});

test('it learns who wrote what where', async () => {
  const [ann, bob] = await given.users(2);
  const { content, chat_id } = await say(ann, bob, 'tell', { client_message_id: 'k' });
  expect(JSON.parse(String(content))).toEqual({
    ...{ type: 'message', chat_id, sender: ann.name, content: 'tell', client_message_id: 'k' },
  });
  await bob.arrived();
});

test('who was denied once stays so with the same id', async () => {
  const [ann, bob] = await given.users(2);
  for (let attempt = 0; attempt < 3; attempt++)
    expect(await say(ann, bob, 'once', { client_message_id: 'k' })).toMatchObject({
      reason: 'The first time.',
    });
  expect(await say(ann, bob, 'other', { client_message_id: 'l' })).toMatchObject({ seq: 1 });
  await bob.arrived();
});

test('with faults on the way, what was refused is stored nowhere, and what was acknowledged once', async () => {
  const [ann, bob] = await given.users(2);
  await say(ann, bob, 'first');
  await cloud.setFaults({ seed: 5, lambda: { busy: 0.2, twice: 0.1 }, dynamo: { errorAfter: 0.02 } });
  const contents = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? `${n} spamword` : `${n}`));
  for (const content of contents) {
    // Until there is an outcome, as clients do.
    for (;;) {
      const { status, code } = await say(ann, bob, content, { client_message_id: content, after_seq: 1 });
      if (status === 'send_success' || code === 'rejected') break;
    }
  }
  await cloud.setFaults(undefined);
  expect(await historyOf(ann, { recipient: bob.name, limit: 100 })).toEqual([
    'first',
    ...contents.filter((content) => !content.includes('spamword')),
  ]);
  await bob.arrived();
});

test('no function lacks a right, and those who send use theirs', async () => {
  const { granted, used, denied } = await cloud.grants();
  expect(denied).toEqual([]);
  const asking = (all: { function: string; action: string; resource: string }[]) =>
    new Set(
      all
        .filter(
          ({ action, resource }) => action === 'lambda:InvokeFunction' && resource.includes('BeforeSend'),
        )
        .map((each) => each.function),
    );
  expect(asking(granted)).toEqual(new Set(['EditMessage', 'SendGroupMessage', 'SendMessage']));
  expect(asking(used)).toEqual(asking(granted));
});
