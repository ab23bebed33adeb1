import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { eventsSchema, withEvents } from '../../bin/events-docs.ts';
import { busEvents } from '../../protocol/bus-events.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const isEvent = new Ajv2020({ strict: false }).compile(JSON.parse(read('events.schema.json')));
const examples = Object.entries(busEvents).map(([type, { example }]) => ({ type, ...example }));

test('docs/events.md and its schema say what the definitions say (npm run docs writes them)', () => {
  expect(read('events.md')).toBe(withEvents(read('events.md')));
  expect(read('events.schema.json')).toBe(eventsSchema());
});

describe('the schema', () => {
  test.each(examples.map((each) => [each.type, each] as const))('takes the example of %s', (_, example) => {
    expect(isEvent(example), JSON.stringify(isEvent.errors)).toBe(true);
    // A later version may have more.
    expect(isEvent({ ...example, later: 1 })).toBe(true);
  });

  test.each(examples.map((each) => [each.type, each] as const))(
    'refuses %s without a field that it needs, or with another type',
    (_, example) => {
      for (const field of ['type', 'id', 'timestamp'])
        expect(isEvent({ ...example, [field]: undefined })).toBe(false);
      expect(isEvent({ ...example, timestamp: 'yesterday' })).toBe(false);
      expect(isEvent({ ...example, type: 'message.shouted' })).toBe(false);
    },
  );
});

test('a page without a place for the events is refused', () => {
  expect(() => withEvents('# Events')).toThrow('no place');
});
