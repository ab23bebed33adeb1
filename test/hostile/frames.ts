import fc from 'fast-check';
import * as z from 'zod';
import { type Command, commands, usageOf } from '../../protocol/index.ts';

type Schema = z.core.JSONSchema.BaseSchema;

const NAMES = ['ann', 'ben', 'team', 'nobody'];

/** Values that have broken other programs. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, [], {}, '', ' ', '\0', '\u202e', '\ud800', '\udfff\ud800', 0, -0, -1, 0.5],
    ...[1e308, Number.MAX_SAFE_INTEGER, 2 ** 53, -(2 ** 63)],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$connect', '$default', '#a', ':v'],
    ...['#a = :b', 'attribute_exists(name)', 'SET x = :y', "' OR 1=1 --", '$(id)', '{{7*7}}'],
    // Look like `ann` and `k`: Cyrillic, Kelvin, zero-width, full-width, combining.
    ...['\u0430nn', '\u212a', 'a\u200bnn', '\uff41nn', 'a\u0301nn', 'ANN', '../ann', 'ann:ben', '#team', '#'],
    { __proto__: { admin: true } },
    { $ne: null },
    [['ann']],
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.double(),
  fc.bigInt().map(String),
  fc.integer({ min: 1_000, max: 40_000 }).map((length) => 'x'.repeat(length)),
  fc.object({ maxDepth: 3 }),
  fc.jsonValue(),
);

/** Deep enough to overflow what recurses. */
const deep = fc
  .tuple(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('[', '{"a":'))
  .map(([depth, open]) =>
    open === '[' ? `${'['.repeat(depth)}${']'.repeat(depth)}` : `${open.repeat(depth)}1${'}'.repeat(depth)}`,
  );

/** A value that a field's schema takes, more or less. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => valueFor(each as Schema)));
  if (schema.type === 'number' || schema.type === 'integer') return fc.integer({ min: 0, max: 300 });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array') return fc.array(valueFor(schema.items as Schema), { maxLength: 5 });
  if (schema.type === 'object' && schema.additionalProperties) {
    return fc.dictionary(
      fc.constantFrom('#team', 'ann:ben'),
      valueFor(schema.additionalProperties as Schema),
    );
  }
  if (schema.type !== 'string') return fc.jsonValue();
  // What has a pattern is a name, a chat or a time; the rest is for people to write.
  return schema.pattern === undefined
    ? fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }))
    : fc.constantFrom(...NAMES, '#team', 'ann:ben', '2026-01-31T09:30:00Z');
}

/** A request of a command as its definition has it. */
function requestOf(command: Command): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = z.toJSONSchema(command.request, {
    io: 'input',
    unrepresentable: 'any',
  }) as Schema;
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueFor(schema as Schema)]),
  );
  return fc
    .record({ request_id: fc.constant('r'), ...fields }, { requiredKeys: required as never[] })
    .map((request) => ({ type: command.type, ...request }))
    .chain((request) => fc.integer({ min: 0, max: 19 }).map((die) => (die === 0 ? request : cheap(request))));
}

/** Without what takes scrypt's 0.4 s: most frames must not, or a storm takes hours. */
const cheap = <R extends object>(request: R): R =>
  Object.fromEntries(Object.entries(request).filter(([field]) => !field.endsWith('password'))) as R;

const anyRequest = fc.oneof(...commands.map(requestOf));
const anyField = fc.constantFrom(
  ...new Set(['type', 'request_id', '__proto__', ...commands.flatMap(({ fields }) => Object.keys(fields))]),
);

/** A request with some fields changed, added or taken away. */
const broken = fc
  .tuple(
    anyRequest,
    fc.array(fc.tuple(anyField, fc.option(hostile, { nil: undefined })), { minLength: 1, maxLength: 3 }),
  )
  .map(([request, changes]) => {
    const result: Record<string, unknown> = { ...request };
    for (const [field, value] of changes) {
      Object.defineProperty(result, field, { value, enumerable: true, configurable: true, writable: true });
    }
    return JSON.stringify(result);
  });

const oddlySpelt = fc
  .tuple(anyRequest, fc.constantFrom(' ', '\t', '\n', '\u00a0'), fc.boolean())
  .map(([request, space, isUpper]) => {
    const type = String(request.type);
    return JSON.stringify({ ...request, type: space + (isUpper ? type.toUpperCase() : type) + space });
  });

const cut = fc.tuple(anyRequest, fc.double({ min: 0, max: 1, noNaN: true })).map(([request, share]) => {
  const text = JSON.stringify(request);
  return text.slice(0, Math.floor(text.length * share));
});

/** A line of the text grammar, with words that may or may not fit. */
const line = fc
  .tuple(
    fc.constantFrom(...commands.map((command) => usageOf(command).split(' ')[0] ?? ''), 'shout', ''),
    fc.array(fc.oneof(fc.constantFrom(...NAMES, '1', 'everywhere'), fc.string({ maxLength: 30 })), {
      maxLength: 5,
    }),
    fc.constantFrom(' ', '  ', '\t', '\n'),
  )
  .map(([word, words, space]) => [word, ...words].join(space));

/** Any frame that a client might send, as text. */
export const anyFrame: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: broken },
  { weight: 2, arbitrary: anyRequest.map((request) => JSON.stringify(request)) },
  { weight: 2, arbitrary: line },
  { weight: 1, arbitrary: oddlySpelt },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: deep },
);
