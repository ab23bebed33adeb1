import { readFileSync } from 'node:fs';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { asyncapi } from '../../bin/asyncapi.ts';
import { commands, pushes } from '../../protocol/index.ts';

const page = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8');

interface Document {
  operations: object;
  components: { messages: Record<string, { payload: object; examples?: { payload: unknown }[] }> };
}

const parsed = (): Document => parse(page);

// The specification's schema carries JSON Schema's own, which Ajv brings as well.
const isDocument = new Ajv({
  strict: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
}).compile(specs.schemas['3.0.0']);

/** References to parts that the document doesn't have. */
function danglingIn(document: object): string[] {
  const resolves = (reference: string) =>
    reference
      .slice(2)
      .split('/')
      .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], document) !==
    undefined;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, found = '']) => found,
  );
  return references.filter((reference) => !resolves(reference));
}

/** Examples that their own message's schema refuses. */
function wrongExamplesIn({ components }: Document): string[] {
  const ajv = new Ajv({ strict: false });
  return Object.entries(components.messages)
    .filter(([, { payload, examples = [] }]) =>
      examples.some((example) => !ajv.validate(payload, example.payload)),
    )
    .map(([name]) => name);
}

test('docs/asyncapi.yaml says what the definitions say (npm run docs writes it)', () => {
  expect(page).toBe(asyncapi());
});

describe('docs/asyncapi.yaml', () => {
  test('is valid by the schema of AsyncAPI 3', () => {
    isDocument(parsed());
    expect(isDocument.errors ?? []).toEqual([]);
  });

  test('has an operation for every command, its reply, and every push', () => {
    expect(Object.keys(parsed().operations)).toHaveLength(commands.length + Object.keys(pushes).length);
  });

  test('refers to nothing that is not there', () => {
    expect(JSON.stringify(parsed())).toContain('$ref');
    expect(danglingIn(parsed())).toEqual([]);
  });

  test('has an example of every command, and none that its own schema refuses', () => {
    const messages = Object.values(parsed().components.messages);
    const examples = messages.flatMap((each) => each.examples ?? []);
    expect(examples.length).toBeGreaterThanOrEqual(commands.length);
    expect(wrongExamplesIn(parsed())).toEqual([]);
  });
});

test('a failure has the fields of those codes that it can have', () => {
  const failures = Object.values(parsed().components.messages).flatMap(({ payload }) => {
    const { properties = {} } = payload as { properties?: { [field: string]: { enum?: string[] } } };
    return properties.code?.enum ? [{ fields: Object.keys(properties), codes: properties.code.enum }] : [];
  });
  expect(failures.length).toBeGreaterThanOrEqual(commands.length);
  const fields = { ask: 'not_invited', after_seq: 'too_far_back', retry_after_ms: 'rate_limited' };
  for (const [field, code] of Object.entries(fields)) {
    const having = failures.filter(({ codes }) => codes.includes(code));
    expect(failures.filter((each) => each.fields.includes(field))).toEqual(having);
    expect(having.length).toBeGreaterThan(0);
  }
});

describe('a broken document is found by', () => {
  test('the schema', () => {
    expect(isDocument({ ...parsed(), operations: { shout: { action: 'shout' } } })).toBe(false);
  });

  test('its references', () => {
    expect(danglingIn(parse(page.replace('#/components/messages/', '#/components/none/')))).toHaveLength(1);
  });

  test('its examples', () => {
    const document = parsed();
    for (const example of document.components.messages['ping.request']?.examples ?? [])
      example.payload = { type: 7 };
    expect(wrongExamplesIn(document)).toEqual(['ping.request']);
  });
});
