import fc from 'fast-check';
import { type Command, commands } from '../../protocol/index.ts';
import { anyText } from '../protocol/any-text.ts';
import { likenesses, likeWord, nastyJson, nastyText } from './nasty.ts';
import { isCostly, valid } from './values.ts';

/** A hostile message. */
export interface HostileFrame {
  /** How it was made, for the report. */
  kind: string;
  body: Uint8Array;
  binary: boolean;
  /** It is sent in fragments of this many bytes; in one, if that is more than it has. */
  fragment: number;
}

/** A field in JSON. Not an object: a key may come twice, and a number may be out of range. */
type Field = [key: string, value: string];

const KIB = 1024;
const write = (fields: readonly Field[]): string =>
  `{${fields.map(([key, value]) => `${key}:${value}`).join(',')}}`;

/** The fields of a request that the definition accepts, in any order. */
function fieldsOf({ type, fields }: Command): fc.Arbitrary<Field[]> {
  const values = fc.record(
    Object.fromEntries(Object.entries(fields).map(([key, schema]) => [key, valid(schema)])),
  );
  return fc.tuple(values, fc.uuid(), fc.boolean()).map(([given, request_id, isReversed]) => {
    const entries = Object.entries({ type, request_id, ...given }).filter(([, value]) => value !== undefined);
    const written = entries.map(([key, value]): Field => [JSON.stringify(key), JSON.stringify(value)]);
    return isReversed ? written.reverse() : written;
  });
}

/** One for each command, made once: making them takes longer than drawing from them. */
const perCommand = <T>(arbitraryOf: (command: Command) => fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof(...commands.map((each) => ({ arbitrary: arbitraryOf(each), weight: isCostly(each) ? 1 : 12 })));

const request = perCommand(fieldsOf);

/** A way to break it. The place is any number, taken modulo the number of fields. */
const wound: fc.Arbitrary<(fields: Field[]) => Field[]> = fc.oneof(
  fc.tuple(fc.nat(), nastyJson).map(([at, value]) => replace(at, ([key]) => [[key, value]])),
  fc.tuple(fc.nat(), nastyJson).map(([at, value]) => replace(at, (field) => [field, [field[0], value]])),
  fc.nat().map((at) => replace(at, () => [])),
  fc.nat().map((at) => replace(at, ([key, value]) => [[key, `[${value}]`]])),
  fc.nat().map((at) => replace(at, ([key, value]) => [[key, `{"__proto__":${value}}`]])),
  fc.tuple(nastyText, nastyJson).map(([key, value]) => (fields: Field[]): Field[] => [
    [JSON.stringify(key), value],
    ...fields,
  ]),
  fc
    .tuple(fc.nat(), fc.nat())
    .map(([at, which]) => replace(at, ([key, value]) => [[disguised(key, which), value]])),
);

function replace(at: number, by: (field: Field) => Field[]) {
  return (fields: Field[]): Field[] =>
    fields.flatMap((field, index) => (index === at % fields.length ? by(field) : [field]));
}

function disguised(key: string, which: number): string {
  const words = likenesses(JSON.parse(key) as string);
  return JSON.stringify(words[which % words.length]);
}

const broken = fc
  .tuple(request, fc.array(wound, { minLength: 1, maxLength: 3 }))
  .map(([fields, wounds]) => write(wounds.reduce((left, hurt) => hurt(left), fields)));

/** Mistyped types, plausible ones and others. */
const mistyped = perCommand((each) =>
  fc
    .tuple(
      fieldsOf(each),
      fc.oneof(
        likeWord(each.type).map((type) => JSON.stringify(type)),
        nastyJson,
      ),
    )
    .map(([fields, type]) => write(fields.map(([key, value]) => [key, key === '"type"' ? type : value]))),
);

const space = fc.constantFrom(' ', ' ', '  ', '\t', '\u00a0', '\u3000', ' \u0000 ', '\v');
const lineEnd = fc.constantFrom('', '', '\n', '\r\n', '  ', '\n\n');

/** A word of a line: a value of its field, if that is text or a number. */
const wordOf = ({ fields }: Command, arg: string): fc.Arbitrary<string> => {
  const schema = Object.entries(fields).find(([name]) => name === arg)?.[1];
  return schema === undefined ? nastyText : valid(schema).map((value) => lineOf(value));
};

const lineOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'object' && value !== null ? entriesOf(value) : String(value);

const entriesOf = (value: object): string =>
  Array.isArray(value)
    ? value.join(' ')
    : Object.entries(value)
        .map(([key, each]) => `${key}=${each}`)
        .join(' ');

const line = perCommand((each) => {
  const { text, type } = each;
  if (text === undefined) return fc.constant(type);
  const good = fc.tuple(...text.args.map((arg) => wordOf(each, arg)));
  const words = fc.oneof(
    { arbitrary: good, weight: 2 },
    { arbitrary: fc.array(nastyText, { maxLength: 4 }), weight: 1 },
  );
  return fc
    .tuple(
      fc.oneof(
        { arbitrary: fc.constant(text.word), weight: 6 },
        { arbitrary: likeWord(text.word), weight: 1 },
      ),
      words,
      space,
      lineEnd,
    )
    .map(([word, rest, gap, end]) => [word, ...rest].join(gap) + end);
});

/** Invalid JSON, or JSON that is not an object. */
const misshapen = fc.oneof(
  fc.tuple(request, fc.nat(40)).map(([fields, cut]) => write(fields).slice(0, -cut - 1)),
  request.map((fields) => write(fields).replaceAll(',"', ' , , "')),
  request.map((fields) => `${write(fields).slice(0, -1)},}`),
  request.map((fields) => `[${write(fields)}]`),
  request.map((fields) => write(fields) + write(fields)),
  request.map((fields) => `\ufeff${write(fields)}`),
  request.map((fields) => `\n\t ${write(fields)}\n`),
  request.map((fields) => JSON.stringify(write(fields))),
  nastyJson,
  nastyJson.map((value) => `{"type":"ping","request_id":"1","x":${value}`),
  nastyJson.map((value) => `{${value}`),
);

const text = (kind: string, body: fc.Arbitrary<string>, weight: number) => ({
  arbitrary: body.map((each) => ({ kind, body: new Uint8Array(Buffer.from(each)) })),
  weight,
});

const content: fc.Arbitrary<Pick<HostileFrame, 'kind' | 'body'>> = fc.oneof(
  text('valid JSON', request.map(write), 30),
  text('broken fields', broken, 40),
  text('other types', mistyped, 15),
  text('a line', line, 25),
  text('misshapen JSON', misshapen, 15),
  text(
    'any text',
    fc.oneof(anyText({ maxLength: 60 }), nastyText, fc.constantFrom('', ' ', '\n', '{', '{}')),
    10,
  ),
  {
    arbitrary: fc.uint8Array({ maxLength: 40 }).map((body) => ({ kind: 'random bytes', body })),
    weight: 2,
  },
);

const whole = 32 * KIB;
const fragment = fc.oneof(
  { arbitrary: fc.constant(whole), weight: 30 },
  { arbitrary: fc.integer({ min: 1, max: 40 }), weight: 3 },
  { arbitrary: fc.integer({ min: 1_000, max: whole }), weight: 2 },
  { arbitrary: fc.constant(Number.MAX_SAFE_INTEGER), weight: 1 },
);
const binary = fc.oneof(
  { arbitrary: fc.constant(false), weight: 99 },
  { arbitrary: fc.constant(true), weight: 1 },
);

/** Any frame. Only short messages are sent in single bytes, since long ones would take all the time. */
export const anyFrame: fc.Arbitrary<HostileFrame> = fc
  .record({ content, binary, fragment })
  .map(({ content: { kind, body }, ...way }) => ({
    kind,
    body,
    ...way,
    fragment: Math.max(way.fragment, Math.ceil(body.length / 100)),
  }));
