import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type Command, commands } from '../../protocol/index.ts';
import {
  dearestContext,
  dearestFrames,
  fillPending,
  framesWithManyPending,
  hostile,
  loginByToken,
  pagesOfEdits,
} from '../../tools/bench/dearest.ts';
import { People } from '../../tools/bench/people.ts';
import { prices } from '../../tools/cost/prices.ts';
import { assemblyIn } from '../support/assembly.ts';
import { costOf, countedSince } from '../support/cost.ts';
import type { Frame } from '../support/frame.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { startProvider } from '../support/provider.ts';

// Some of these frames take seconds, after which a function would leave the rest for another.
const patience = 90;
const { cloud } = await ownCloud({ patience, assembly: assemblyIn(dearestContext) });
const file = new URL('../../docs/security.md', import.meta.url);
const page = readFileSync(file, 'utf8');

const PATIENCE = { timeout: 60_000 };

const dollars = (count: number, { dollars: price, per }: { dollars: number; per: number }) =>
  (count * price) / per;

const people = new People(cloud.url);
const scene = await hostile(cloud, people);
afterAll(() => people.leave());

/** What a frame counts for before it is let through. */
function priceOf(frame: { type: string }): number {
  const { price, request } = commands.find(({ type }) => type === frame.type) as Command;
  return typeof price === 'function' ? price(request.parse(frame) as never) : price;
}

/** A row of the table in docs/security.md. */
const rowOf = (type: string, price: number, read: number, write: number, posts: number): string => {
  const sum = dollars(read, prices.reads) + dollars(write, prices.writes) + dollars(posts, prices.messages);
  return `| ${type} | ${price} | ${read} | ${write} | ${posts} | ${(sum * 1e6).toFixed(1)} |`;
};

const costOfFrame = (
  { by = scene.alice, frame, until }: ReturnType<(typeof dearestFrames)[string]>,
  where = cloud,
) =>
  costOf(where, async () => {
    const { status = '', code = '' } = await by.request(frame);
    if (until !== undefined) await by.next({ type: until });
    expect(status, `${frame.type} ${code}`).not.toMatch(/_fail$/);
  });

/** Of a service with an identity provider. */
async function rowOfTokens(): Promise<string> {
  const provider = await startProvider('chat');
  onTestFinished(() => void provider.close());
  const { issuer: jwtIssuer, tokenOf } = provider;
  const own = await ownCloud({
    patience,
    assembly: assemblyIn({ ...dearestContext, jwtIssuer, jwtAudience: 'chat' }),
  });
  const users = new People(own.cloud.url);
  onTestFinished(() => users.leave());
  const login = await loginByToken(own.cloud, users, tokenOf);
  const { reads, writes, posts } = await costOfFrame(login, own.cloud);
  return rowOf('login by a token', priceOf(login.frame), reads, writes, posts);
}

// Before the dearest frames, which undo much of the scene.
test('docs/security.md states the cost of a page of edits of the largest messages', async () => {
  const rows: string[] = [];
  for (const [what, frameOf] of Object.entries(pagesOfEdits))
    rows.push(`| ${what} | ${(await costOfFrame(frameOf(scene))).reads} |`);
  expect(page.split('\n').filter((line) => /^\| [\w, ]+ \| [\d.]+ \|$/.test(line))).toEqual(rows);
});

test('docs/security.md states the cost of catching up with a full inbox and an overflow', async () => {
  const username = await fillPending(cloud, people);
  const by = await people.stranger();
  for (const [what, frameOf] of Object.entries(framesWithManyPending)) {
    await costOfFrame({ by, ...frameOf(username) });
    // A login settles after what it posts.
    const row = async () => {
      const { reads, writes } = await countedSince(cloud);
      return `| ${what} | ${reads} | ${writes} |`;
    };
    await expect.poll(async () => page.includes(`\n${await row()}\n`) || (await row()), PATIENCE).toBe(true);
  }
});

test('every command has a dearest frame', () => {
  expect(Object.keys(dearestFrames).toSorted()).toEqual(commands.map(({ type }) => type).toSorted());
});

test('docs/security.md states the cost of the dearest frame of each command', async () => {
  const rows = new Map<string, string>();
  for (const [type, frameOf] of Object.entries(dearestFrames)) {
    const frame = frameOf(scene);
    const { reads, writes, posts } = await costOfFrame(frame);
    rows.set(type, rowOf(type, priceOf(frame.frame), reads, writes, posts));
  }
  const byToken = await rowOfTokens();
  const isRow = (line: string) => /^\| [\w ]+ \| [\d.]+ \| [\d.]+ \| [\d.]+ \| \d+ \|/.test(line);
  const lines = page.split('\n');
  const measured = commands.flatMap(({ type }) =>
    type === 'login' ? [rows.get(type), byToken] : [rows.get(type)],
  );
  // `npm run docs:dearest` writes what is measured.
  if (process.env.WRITE_DOCS) {
    const [first, rest] = [lines.findIndex(isRow), lines.filter((line) => !isRow(line))];
    writeFileSync(file, [...rest.slice(0, first), ...measured, ...rest.slice(first)].join('\n'));
  } else expect(lines.filter(isRow)).toEqual(measured);
});

test('a repeat from far back is searched in bounded steps, and stored once', async () => {
  const { alice, bob, long } = scene;
  const message = { type: 'SEND_MESSAGE', recipient: bob, content: 'hi', client_message_id: 'far back' };
  const send = async () => {
    for (let after_seq = 0, steps = 1; ; steps++) {
      let reply: Partial<Frame> = {};
      const { reads } = await costOf(cloud, async () => {
        reply = await alice.request({ ...message, after_seq });
      });
      // 1 MB, and who asks, and who is there.
      expect(reads).toBeLessThan(280);
      if (reply.code !== 'too_far_back') return { reply, steps };
      expect(reply.after_seq).toBeGreaterThan(after_seq);
      after_seq = reply.after_seq as number;
    }
  };
  const first = await send();
  expect(first.reply).toMatchObject({ status: 'send_success', chat_id: long });
  expect(first.steps).toBeGreaterThan(5);
  const { request_id: _, ...receipt } = first.reply;
  expect((await send()).reply).toMatchObject(receipt);
});
