import { isDeepStrictEqual } from 'node:util';
import { REGION } from '../template/aws.ts';
import type { TableModel } from '../template/model.ts';
import { crc32c } from './leveldb/crc32c.ts';
import { bytesOf, type WireItem } from './units.ts';

/** A record of a table's stream, as Lambda passes it to a function. Source: "Record", DynamoDB Streams' API reference. */
export interface StreamRecord {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  eventVersion: string;
  eventSource: 'aws:dynamodb';
  awsRegion: string;
  eventSourceARN: string;
  dynamodb: {
    /** Seconds since 1970. */
    ApproximateCreationDateTime: number;
    Keys: WireItem;
    NewImage?: WireItem;
    OldImage?: WireItem;
    /** Increases within a shard. */
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: string;
  };
  /** Who deleted an expired item. */
  userIdentity?: { type: 'Service'; principalId: 'dynamodb.amazonaws.com' };
}

type Done = (error: Error | null) => void;
type Got = (error: Error | null, item?: WireItem) => void;

/** The items of a table, in dynalite. */
interface ItemDb {
  get(key: string, done: Got): void;
  put(key: string, item: WireItem, done: Done): void;
  del(key: string, done: Done): void;
}

interface Range {
  gt: string;
  lt: string;
  limit?: number;
  reverse?: boolean;
}

/** The parts of dynalite's database that streams need. */
export interface StreamStore {
  db: {
    batch(operations: readonly object[], done: Done): void;
    get(key: string): Promise<unknown>;
    values(range: Range): { all(): Promise<unknown[]> };
  };
  getItemDb(name: string): ItemDb;
}

/** An on-demand table starts with four partitions, each with a shard. */
export const SHARDS = 4;
// Source: "Change data capture for DynamoDB Streams": records are kept for 24 hours.
export const KEPT_MS = 24 * 60 * 60_000;

const DIGITS = 20;
/** Fixed width without a leading zero, so that numbers sort as text. */
const numberOf = (count: number): string => `1${String(count).padStart(DIGITS, '0')}`;
const countOf = (number: string): number => Number(number.slice(1));
const FIRST = numberOf(0);

const prefixOf = (table: string, shard: number): string => `stream-${table}~${shard}~`;
const POSITION = 'position-';
const AFTER_POSITIONS = 'position.';
const positionKey = (mapping: string, shard: number): string => `${POSITION}${mapping}~${shard}`;

const WITH_NEW = new Set(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']);
const WITH_OLD = new Set(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES']);

interface Stream {
  model: TableModel;
  keys: readonly string[];
  view: string;
  /** Sequence numbers whose write is not done. Later records of the table are not read before: they would hide these. */
  underWay: Set<number>;
}

/**
 * Streams of tables. A change and its record are one atomic write of the store, so a record is as durable as its change. The
 * positions of those that read are in the same store, which therefore never knows of a position beyond its records.
 */
export class Streams {
  readonly #store: StreamStore;
  readonly #streams = new Map<string, Stream>();
  /** Items that the TTL sweeper is deleting. */
  readonly #expiring = new Set<string>();
  readonly #wrote: (table: string) => void;
  #last = 0;

  /** @param wrote called with a table's name when it has a new record */
  constructor(store: StreamStore, tables: readonly TableModel[], wrote: (table: string) => void) {
    this.#store = store;
    this.#wrote = wrote;
    for (const model of tables) if (model.stream) this.#streams.set(model.name, streamOf(model));
    if (this.#streams.size > 0) this.#watch();
  }

  /**
   * Continues the numbering of the data: after all records, and after all positions, which damage to the data may have left
   * without their records. Call it before the first write.
   */
  async ready(): Promise<void> {
    const known = (await this.#store.db.values({ gt: POSITION, lt: AFTER_POSITIONS }).all()) as string[];
    for (const table of this.#streams.keys())
      for (let shard = 0; shard < SHARDS; shard++) known.push(await this.newest(table, shard));
    this.#last = Math.max(0, ...known.map(countOf));
  }

  /** Marks the deletion of an item as the work of the TTL sweeper while it runs. @param keys in the order of the schema */
  async expiring<T>(table: string, keys: object, work: () => Promise<T>): Promise<T> {
    const item = `${table} ${JSON.stringify(keys)}`;
    this.#expiring.add(item);
    try {
      return await work();
    } finally {
      this.#expiring.delete(item);
    }
  }

  /** The next records of a shard, in order. @param after a sequence number */
  async read(table: string, shard: number, after: string, limit: number): Promise<StreamRecord[]> {
    const prefix = prefixOf(table, shard);
    const end = Math.min(...(this.#streams.get(table)?.underWay ?? []), this.#last + 1);
    const range = { gt: prefix + after, lt: prefix + numberOf(end), limit };
    return (await this.#store.db.values(range).all()) as StreamRecord[];
  }

  /** The sequence number of the newest record; that before all if there is none. */
  async newest(table: string, shard: number): Promise<string> {
    const prefix = prefixOf(table, shard);
    const range = { gt: prefix, lt: `${prefix}~`, limit: 1, reverse: true };
    const [record] = (await this.#store.db.values(range).all()) as StreamRecord[];
    return record?.dynamodb.SequenceNumber ?? FIRST;
  }

  /** Where an event source mapping goes on in a shard: after this sequence number. @param start for one that has never read */
  async position(mapping: string, table: string, shard: number, start: 'LATEST' | 'TRIM_HORIZON') {
    const known = (await this.#store.db.get(positionKey(mapping, shard)).catch(() => undefined)) as
      | string
      | undefined;
    if (known !== undefined) return known;
    const first = start === 'LATEST' ? await this.newest(table, shard) : FIRST;
    await this.move(mapping, shard, first);
    return first;
  }

  /** Stores a position; it is durable once this returns. */
  move(mapping: string, shard: number, to: string): Promise<void> {
    return this.#write([{ type: 'put', key: positionKey(mapping, shard), value: to }]);
  }

  /** Deletes records that are older than a day. The newest of a shard stays, so that the numbering continues. */
  async trim(now: number): Promise<void> {
    for (const table of this.#streams.keys())
      for (let shard = 0; shard < SHARDS; shard++) await this.#trimShard(table, shard, now - KEPT_MS);
  }

  async #trimShard(table: string, shard: number, before: number): Promise<void> {
    const newest = await this.newest(table, shard);
    for (;;) {
      const page = await this.read(table, shard, FIRST, 100);
      const old = page.filter(
        ({ dynamodb: { ApproximateCreationDateTime: at, SequenceNumber: number } }) =>
          at * 1000 < before && number !== newest,
      );
      if (old.length === 0) return;
      const key = (record: StreamRecord) => prefixOf(table, shard) + record.dynamodb.SequenceNumber;
      await this.#write(old.map((record) => ({ type: 'del', key: key(record) })));
    }
  }

  #write(operations: readonly object[]): Promise<void> {
    return new Promise((done, fail) =>
      this.#store.db.batch(operations, (error) => (error ? fail(error) : done())),
    );
  }

  /** Makes each write of an item write its record, too. */
  #watch(): void {
    const getItemDb = this.#store.getItemDb;
    const watched = new Map<string, ItemDb>();
    this.#store.getItemDb = (name) => {
      const known = watched.get(name);
      if (known) return known;
      const db = getItemDb(name);
      const stream = this.#streams.get(name);
      if (!stream) return db;
      const made: ItemDb = {
        ...db,
        put: (key, item, done) => this.#change(stream, db, key, item, done),
        del: (key, done) => this.#change(stream, db, key, undefined, done),
      };
      watched.set(name, made);
      return made;
    };
  }

  // dynalite holds the item's lock: nobody else changes the item between the read and the write.
  #change(stream: Stream, db: ItemDb, key: string, item: WireItem | undefined, done: Done): void {
    db.get(key, (error, before) => {
      if (error && error.name !== 'NotFoundError') return done(error);
      const now = item && (JSON.parse(JSON.stringify(item)) as WireItem);
      const { name } = stream.model;
      const write =
        item === undefined
          ? { type: 'del', key: `item-${name}~${key}` }
          : { type: 'put', key: `item-${name}~${key}`, value: item };
      // A write that changes nothing has no record.
      if (isDeepStrictEqual(now, before)) return this.#store.db.batch([write], done);
      const count = ++this.#last;
      const record = this.#recordOf(stream, numberOf(count), before, now);
      const at = { type: 'put', key: keyOf(stream, record), value: record };
      stream.underWay.add(count);
      this.#store.db.batch([write, at], (failure) => {
        stream.underWay.delete(count);
        done(failure);
        this.#wrote(name);
      });
    });
  }

  #recordOf({ model, keys, view }: Stream, number: string, before?: WireItem, now?: WireItem): StreamRecord {
    const image = (now ?? before) as WireItem;
    const Keys = Object.fromEntries(keys.map((name) => [name, image[name]])) as WireItem;
    const images = {
      ...(WITH_NEW.has(view) && now && { NewImage: now }),
      ...(WITH_OLD.has(view) && before && { OldImage: before }),
    };
    const isExpired = !now && this.#expiring.has(`${model.name} ${JSON.stringify(Keys)}`);
    return {
      eventID: `${crc32c(Buffer.from(model.name)).toString(16)}${number}`,
      eventName: before === undefined ? 'INSERT' : now === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      eventSourceARN: model.stream?.arn ?? model.arn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        Keys,
        ...images,
        SequenceNumber: number,
        SizeBytes: [Keys, ...Object.values(images)].reduce((sum, each) => sum + bytesOf(each), 0),
        StreamViewType: view,
      },
      ...(isExpired && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    };
  }
}

const streamOf = (model: TableModel): Stream => ({
  model,
  keys: (model.create.KeySchema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName),
  view: model.stream?.view ?? 'NEW_AND_OLD_IMAGES',
  underWay: new Set(),
});

/** All items of a partition are in one shard, whose records are in order. */
function keyOf({ model, keys }: Stream, { dynamodb: { Keys, SequenceNumber } }: StreamRecord): string {
  const partition = JSON.stringify(Keys[keys[0] ?? '']);
  return prefixOf(model.name, crc32c(Buffer.from(partition)) % SHARDS) + SequenceNumber;
}
