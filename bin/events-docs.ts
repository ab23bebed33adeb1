import * as z from 'zod';
import { busEvents } from '../protocol/bus-events.ts';

type Json = Record<string, unknown>;

const all = Object.entries(busEvents);

const BEGIN = '<!-- Generated from protocol/bus-events.ts by `npm run docs`. -->';
const END = '<!-- End of what is generated. -->';

/** The schema of one event. A field that this version does not know is none of its own, but may come with a later one. */
function schemaOf(type: string, { doc, fields }: (typeof busEvents)[keyof typeof busEvents]): Json {
  const {
    $schema: _,
    additionalProperties: __,
    ...shape
  } = z.toJSONSchema(fields, { io: 'input', unrepresentable: 'any' }) as Json;
  const { properties = {}, required = [] } = shape as { properties?: Json; required?: string[] };
  return {
    title: type,
    description: doc,
    ...shape,
    required: ['type', ...required],
    properties: { type: { const: type }, ...properties },
  };
}

/** docs/events.schema.json: any event, by its `type`. */
export const eventsSchema = (): string =>
  `${JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Events of Parley',
      description: 'Generated from protocol/bus-events.ts by `npm run docs`: change it there.',
      oneOf: all.map(([type, event]) => schemaOf(type, event)),
    },
    undefined,
    2,
  )}\n`;

/** docs/events.md with all events in it. @throws Error if it has no place for them */
export function withEvents(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/events.md has no place for the events');
  const sections = all.map(([type, { doc, example }]) =>
    [
      `### ${type}`,
      doc,
      ['```json', JSON.stringify({ type, ...example }, undefined, 2), '```'].join('\n'),
    ].join('\n\n'),
  );
  return `${before}${BEGIN}\n\n${sections.join('\n\n')}\n\n${END}${after}`;
}
