import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkFields, commands, readFrame } from '../../protocol/index.ts';
import { anyFrame } from './frames.ts';

const frames = fc.sample(anyFrame, { seed: 1, numRuns: 5_000 });
const texts = frames.map(({ body }) => Buffer.from(body).toString());
const read = texts.map(readFrame).filter(({ problem }) => problem === undefined);

const isAccepted = (frame: (typeof read)[number]): boolean => {
  try {
    return frame.command !== undefined && checkFields(frame.command, frame.input) !== undefined;
  } catch {
    return false;
  }
};

test.each(commands.map(({ type }) => type))(
  'the frames have %s as its definition says, and broken',
  (type) => {
    const own = read.filter(({ command }) => command?.type === type);
    expect(own.filter(isAccepted).length).toBeGreaterThan(0);
    // One without fields can be broken by its request_id alone.
    expect(own.filter((frame) => !isAccepted(frame)).length).toBeGreaterThan(0);
  },
);

test('the same seed makes the same frames', () => {
  expect(fc.sample(anyFrame, { seed: 1, numRuns: 100 })).toEqual(frames.slice(0, 100));
});

const deepest = (text: string): number =>
  Math.max(0, ...(text.match(/(\[|\{"a":){2,}/g) ?? []).map((run) => run.length));

test.each([
  ['prototype keys', /"__proto__":/],
  ['expressions', /attribute_exists\(x\)/],
  ['numbers beyond all numbers', /1e999/],
  ['lone surrogates', /\\ud800"/],
  ['letters that look like others', /\u212a|\u0430/],
  ['NULs', /\0/],
  ['a field that comes twice', /"type":.*"type":/],
])('the frames include %s', (_, what) => {
  expect(texts.filter((text) => what.test(text)).length).toBeGreaterThan(3);
});

test('the frames are empty, long, deep, binary, in fragments, or larger than allowed', () => {
  const sizes = frames.map(({ body }) => body.length);
  expect(Math.min(...sizes)).toBe(0);
  expect(Math.max(...sizes)).toBeGreaterThan(128 * 1024);
  expect(Math.max(...texts.map(deepest))).toBeGreaterThanOrEqual(10_000);
  expect(frames.filter(({ binary }) => binary).length).toBeGreaterThan(10);
  expect(frames.filter(({ body, fragment }) => fragment < body.length).length).toBeGreaterThan(100);
  expect(sizes.filter((size) => size > 32 * 1024 && size < 128 * 1024).length).toBeGreaterThan(10);
});
