import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dearestContext, dearestFrames, hostile } from '../../bench/dearest.ts';
import { People } from '../../bench/people.ts';
import { prices } from '../../cost/prices.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Command, commands } from '../../protocol/index.ts';
import { costOf } from '../support/cost.ts';
import { ownCloud } from '../support/own-cloud.ts';

const { cloud } = await ownCloud({ assembly: await ensureAssembly({ context: dearestContext }) });
const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

const dollars = (count: number, { dollars: price, per }: { dollars: number; per: number }) =>
  (count * price) / per;

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

test('every command has a dearest frame', () => {
  expect(Object.keys(dearestFrames).toSorted()).toEqual(commands.map(({ type }) => type).toSorted());
});

test('what the dearest frame of each command costs stands in docs/security.md', async () => {
  const people = new People(cloud.url);
  const scene = await hostile(cloud, people);
  const rows = new Map<string, string>();
  for (const [type, frameOf] of Object.entries(dearestFrames)) {
    const { by = scene.alice, frame, until } = frameOf(scene);
    const { reads, writes, posts } = await costOf(cloud, async () => {
      const { status = '' } = await by.request(frame);
      if (until !== undefined) await by.next({ type: until });
      expect(status, type).not.toMatch(/_fail$/);
    });
    rows.set(type, rowOf(type, priceOf(frame), reads, writes, posts));
  }
  await people.leave();
  const written = page
    .split('\n')
    .filter((line) => /^\| \w+ \| [\d.]+ \| [\d.]+ \| [\d.]+ \| \d+ \|/.test(line));
  expect(written).toEqual(commands.map(({ type }) => rows.get(type)));
}, 300_000);
