import fc from 'fast-check';
import * as z from 'zod/mini';
import { password } from '../../protocol/fields.ts';
import type { Command } from '../../protocol/index.ts';
import { anyText } from '../protocol/any-text.ts';

/** The users that exist before the first frame; values derived from a schema hit them now and then. */
export const people = ['ann', 'bob', 'carol', 'dave'] as const;
export const groups = ['red', 'blue'] as const;

const known = fc.constantFrom(...people, ...groups, 'ann:bob', 'bob:carol', '#red', '#blue', 'nobody');
const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
const long = fc.integer({ min: 1, max: 16 * 1024 }).map((length) => 'x'.repeat(length));

// A key takes a full core for 0.4 s, so most of these are left out.
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 60 }, { arbitrary, weight: 1 });

/** Whether a request of this command always makes the server derive a key. */
export const isCostly = ({ fields }: Command): boolean =>
  (Object.values(fields) as z.core.$ZodType[]).includes(password);

/**
 * Values that a schema accepts.
 * @throws Error for a kind of schema that the protocol has not used before
 */
export function valid(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  return candidates(schema).filter((value) => z.safeParse(schema, value).success);
}

function candidates(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional': {
      const present = valid(def.innerType);
      return def.innerType === password ? rarely(present) : fc.option(present, { nil: undefined, freq: 2 });
    }
    // Data with a meaning to the application, as JSON.
    case 'unknown':
      return fc.jsonValue({ maxDepth: 2 });
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'number':
      return fc.oneof(fc.nat(3), fc.nat(200), fc.maxSafeNat());
    case 'array':
      return fc.array(valid(def.element), { minLength: 1, maxLength: 5 });
    case 'record':
      return fc.dictionary(valid(def.keyType) as fc.Arbitrary<string>, valid(def.valueType), { maxKeys: 5 });
    case 'string':
      return strings(schema);
    default:
      throw new Error(`test/hostile/values.ts makes no values of the type ${def.type} yet`);
  }
}

function strings(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const shaped = patternsOf(schema).map((pattern) => ({ arbitrary: fc.stringMatching(pattern), weight: 1 }));
  const some = anyText({ minLength: 1, maxLength: 40 });
  return fc.oneof(
    { arbitrary: known, weight: 6 },
    { arbitrary: instant, weight: 2 },
    { arbitrary: some, weight: 2 },
    { arbitrary: long, weight: 1 },
    // No pattern describes these, and a filter would search for ever.
    { arbitrary: fc.oneof(fc.constant(''), fc.webUrl({ validSchemes: ['https'] })), weight: 1 },
    ...shaped,
  );
}

/** The pattern that its checks require, without flags, which fast-check does not read. */
function patternsOf(schema: z.core.$ZodType): RegExp[] {
  const checks = schema._zod.def.checks ?? [];
  return checks.flatMap(({ _zod: { def } }) =>
    'pattern' in def && def.pattern instanceof RegExp ? [new RegExp(def.pattern.source)] : [],
  );
}
