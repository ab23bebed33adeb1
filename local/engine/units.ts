// What calls cost, by the rules in DynamoDB's developer guide ("DynamoDB read and write operations", "DynamoDB Item sizes
// and formats", "Using Global Secondary Indexes"). dynalite takes characters for bytes, and counts nothing for a query that
// finds nothing, nor for an index that is written.

/** An attribute's value as the wire has it, like `{ S: 'text' }`. */
type Value = Record<string, unknown>;

/** An item as the wire has it. */
export type WireItem = Record<string, Value>;

type KeySchema = { AttributeName: string }[];

/** What decides what a write of an item costs in an index. */
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

/** Units of one read of so many bytes: at least one, found or not; half if it need not be consistent. */
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT)) * (isConsistent ? 1 : 0.5);

const writeUnits = (...items: (WireItem | undefined)[]): number =>
  Math.max(1, Math.ceil(Math.max(...items.map(bytesOf)) / WRITE_UNIT));

/** Units of a write that a condition stood against: what the larger of the two items would have cost. */
export const refusedUnits = (there?: WireItem, wanted?: WireItem): number => writeUnits(there, wanted);

/** Units of a write that made `after` of `before`: of the larger of the two, and of each index that follows it. */
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

/** An entry under another key is deleted there and put here; one that stays as it is costs nothing. */
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

/** An item's size: its names and values, in bytes of UTF-8. */
export const bytesOf = (item: WireItem | undefined): number =>
  Object.entries(item ?? {}).reduce((sum, [name, value]) => sum + utf8(name) + bytesOfValue(value), 0);

// A list or map has 3 bytes of its own, and one for each of what it holds.
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

/** A byte for two significant digits, and one more; leading and trailing zeros are none. */
function bytesOfNumber(number: string): number {
  const [mantissa = ''] = number.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1;
}
