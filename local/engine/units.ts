// Capacity units of calls, by the rules in DynamoDB's developer guide ("DynamoDB read and write operations", "DynamoDB Item
// sizes and formats", "Using Global Secondary Indexes"). dynalite counts characters instead of bytes, and nothing for an empty
// query or for writes to an index.

/** An attribute value in the wire format, like `{ S: 'text' }`. */
type Value = Record<string, unknown>;

/** An item in the wire format. */
export type WireItem = Record<string, Value>;

type KeySchema = { AttributeName: string }[];

/** The properties of an index that decide what a write costs there. */
interface IndexShape {
  KeySchema: KeySchema;
  Projection: { ProjectionType?: string; NonKeyAttributes?: string[] };
}

/** A table's key, and its indexes. */
export interface TableShape {
  KeySchema: KeySchema;
  GlobalSecondaryIndexes?: IndexShape[];
}

const READ_UNIT = 4096;
const WRITE_UNIT = 1024;

/** Units of one read of this many bytes: at least one, even if nothing is found; half of that if eventually consistent. */
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT)) * (isConsistent ? 1 : 0.5);

const writeUnits = (...items: (WireItem | undefined)[]): number =>
  Math.max(1, Math.ceil(Math.max(...items.map(bytesOf)) / WRITE_UNIT));

/** Units of a write whose condition failed: what the larger of the two items would have cost. */
export const refusedUnits = (there?: WireItem, wanted?: WireItem): number => writeUnits(there, wanted);

/** Units of a write that turned `before` into `after`: those of the larger one, plus those of each affected index. */
export function writtenUnits(table?: TableShape, before?: WireItem, after?: WireItem): number {
  const indexes = table?.GlobalSecondaryIndexes ?? [];
  const inIndexes = indexes.map((index) =>
    indexUnits(index, entryOf(table, index, before), entryOf(table, index, after)),
  );
  return inIndexes.reduce((sum, units) => sum + units, writeUnits(before, after));
}

/** The index's entry for an item; none if the item lacks one of the index's keys. */
function entryOf(table: TableShape | undefined, index: IndexShape, item?: WireItem): WireItem | undefined {
  const keys = namesOf(index.KeySchema);
  if (item === undefined || keys.some((key) => item[key] === undefined)) return undefined;
  const { ProjectionType, NonKeyAttributes = [] } = index.Projection;
  const held = [...keys, ...namesOf(table?.KeySchema ?? []), ...NonKeyAttributes];
  const attributes = ProjectionType === 'ALL' ? Object.keys(item) : held;
  return Object.fromEntries(attributes.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

const namesOf = (schema: KeySchema): string[] => schema.map(({ AttributeName }) => AttributeName);

/** An entry that changes its key costs a delete and a put; an unchanged entry costs nothing. */
function indexUnits({ KeySchema }: IndexShape, before?: WireItem, after?: WireItem): number {
  const keyOf = (entry: WireItem) => JSON.stringify(namesOf(KeySchema).map((name) => entry[name]));
  if (!before || !after) return before || after ? writeUnits(before, after) : 0;
  if (keyOf(before) !== keyOf(after)) return writeUnits(before) + writeUnits(after);
  return isSame(before, after) ? 0 : writeUnits(before, after);
}

function isSame(one: WireItem, other: WireItem): boolean {
  const sorted = (item: WireItem) =>
    JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

/** An item's size: names and values in UTF-8 bytes. */
export const bytesOf = (item: WireItem | undefined): number =>
  Object.entries(item ?? {}).reduce((sum, [name, value]) => sum + utf8(name) + bytesOfValue(value), 0);

// A list or map takes 3 bytes, plus one for each element.
const NESTED = 3;

function bytesOfValue(value: Value): number {
  const [type, content] = Object.entries(value)[0] ?? [];
  const each = (values: unknown, bytes: (one: never) => number) =>
    (values as never[]).reduce((sum, one) => sum + bytes(one), 0);
  switch (type) {
    case 'S':
      return utf8(content as string);
    case 'N':
      return bytesOfNumber(content as string);
    case 'B':
      return bytesOfBinary(content as string);
    case 'SS':
      return each(content, utf8);
    case 'NS':
      return each(content, bytesOfNumber);
    case 'BS':
      return each(content, bytesOfBinary);
    case 'L':
      return NESTED + each(content, (one) => 1 + bytesOfValue(one));
    case 'M':
      return NESTED + Object.keys(content as WireItem).length + bytesOf(content as WireItem);
    default:
      return 1;
  }
}

const utf8 = (text: string): number => Buffer.byteLength(text);

const bytesOfBinary = (base64: string): number => Buffer.byteLength(base64, 'base64');

/** One byte per two significant digits, plus one; leading and trailing zeros don't count. */
function bytesOfNumber(number: string): number {
  const [mantissa = ''] = number.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1;
}
