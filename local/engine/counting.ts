import { createRequire } from 'node:module';
import { bytesOf, readUnits, refusedUnits, type TableShape, type WireItem, writtenUnits } from './units.ts';

/** A request as dynalite has parsed it. */
interface Request {
  TableName: string;
  ReturnConsumedCapacity?: string;
  ConsistentRead?: boolean;
  /** The item to put. */
  Item?: WireItem;
  /** Set if the response leaves out some of the items that were read. */
  _filter?: unknown;
  _projection?: unknown;
  AttributesToGet?: unknown;
  QueryFilter?: unknown;
  ScanFilter?: unknown;
}

interface Consumed {
  CapacityUnits: number;
  TableName: string;
}

interface Found {
  Items?: WireItem[];
  ConsumedCapacity?: Consumed;
}

type Done = (error: Error | null, found?: Found) => void;

/** The functions of dynalite that count units, and the one that checks conditions. All of its actions call them through this object. */
interface Counting {
  addConsumedCapacity(
    request: Request,
    isRead: boolean,
    item?: WireItem,
    other?: WireItem,
  ): Consumed | undefined;
  checkConditional(request: Request, there?: WireItem): (Error & { units?: number }) | null | undefined;
  queryTable(store: unknown, table: unknown, request: Request, ...rest: unknown[]): void;
}

const counting = createRequire(import.meta.url)('dynalite/db') as Counting;
const { checkConditional, queryTable } = counting;

// By name, for all stores of this process, since they have the same tables.
const tables = new Map<string, TableShape>();

/** Registers a table's keys and indexes, which decide what its writes cost. */
export function noteTable(name: string, table: TableShape): void {
  tables.set(name, table);
}

counting.addConsumedCapacity = (request, isRead, item, other) => {
  const { TableName, ReturnConsumedCapacity: wanted } = request;
  if (wanted !== 'TOTAL' && wanted !== 'INDEXES') return undefined;
  const CapacityUnits = isRead
    ? readUnits(bytesOf(item), request.ConsistentRead === true)
    : writtenUnits(tables.get(TableName), item, other);
  return { CapacityUnits, TableName };
};

counting.checkConditional = (request, there) => {
  const error = checkConditional(request, there);
  if (error) error.units = refusedUnits(there, request.Item);
  return error;
};

counting.queryTable = (store, table, request, ...rest) => {
  const done = rest.pop() as Done;
  queryTable(store, table, request, ...rest, ((error, found) => {
    if (found?.ConsumedCapacity) count(request, found, found.ConsumedCapacity);
    done(error, found);
  }) satisfies Done);
};

/** A query counts as one read of everything that it read. If the response leaves some of that out, dynalite's own number is used. */
function count(request: Request, { Items }: Found, consumed: Consumed): void {
  const { _filter, _projection, AttributesToGet, QueryFilter, ScanFilter } = request;
  const isWhole = [_filter, _projection, AttributesToGet, QueryFilter, ScanFilter].every((each) => !each);
  const bytes = isWhole ? (Items ?? []).reduce((sum, item) => sum + bytesOf(item), 0) : 0;
  const least = readUnits(bytes, request.ConsistentRead === true);
  consumed.CapacityUnits = isWhole && Items ? least : Math.max(least, consumed.CapacityUnits);
}
