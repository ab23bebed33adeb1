import { createRequire } from 'node:module';
import type { TableModel } from '../template/model.ts';
import { noteTable } from './counting.ts';
import { type StreamStore, Streams } from './streams.ts';
import type { TableShape } from './units.ts';

type Json = Record<string, unknown>;

/** The outcome of a call: a result, or an error as DynamoDB words it. */
export interface Outcome {
  status: number;
  body: Json;
  /** Write units of a failed condition, which the body doesn't contain. */
  units?: number;
}

/** A DynamoDB in this process: on disk in a folder, or in memory. */
export interface Store {
  /** The tables' streams. */
  streams: Streams;
  /** Waits until the folder is open. @throws Error that says why it doesn't open */
  ready(): Promise<void>;
  /** @param operation like `PutItem` */
  call(operation: string, input: Json): Promise<Outcome>;
  /**
   * Adds global indexes to a table, as CloudFormation does: DynamoDB fills them. The table has them once they are full, so if
   * this dies it can be done again.
   * @param create the definition with them
   */
  addIndexes(create: Json, indexes: readonly Json[]): Promise<void>;
  /** Fails all calls in progress; used after dynalite threw outside of any call. */
  failAll(error: Error): void;
  close(): Promise<void>;
}

type Callback = (error: (Error & { statusCode?: number; body?: Json }) | null, data?: Json) => void;

type Act = (store: unknown, input: Json, done: Callback) => void;

// dynalite without its server: the front parses, checks rights and counts.
const require = createRequire(import.meta.url);
const { create, updateIndexes } = require('dynalite/db') as {
  create(options: Json): Level;
  /** Writes what a new item changes in all indexes of a table's definition. */
  updateIndexes(store: Level, table: Json, before: undefined, item: unknown, done: Done): void;
};

type Done = (error: Error | null) => void;

type Opens = (options?: Json) => { close(): Promise<void> };

/** dynalite's database. */
interface Level extends StreamStore {
  db: StreamStore['db'] & {
    open(): Promise<void>;
    close(done: (error?: Error) => void): void;
    keys: Opens;
    put(key: string, value: unknown, done: Done): void;
    del(key: string, done: Done): void;
  };
  /** @param check `false` to return a table that is not active; otherwise that is an error */
  getTable(name: string, check: boolean | Callback, done?: Callback): void;
  tableDb: { put(name: string, table: Json, done: Done): void };
}

const validations = require('dynalite/validations') as {
  checkTypes(input: Json, types: Json): Json;
  checkValidations(input: Json, types: Json, custom: unknown, store: unknown): void;
};

const CHANGES_TABLES = /Table$/;

/** Caches table definitions, which dynalite would read and parse for each item of a batch. @returns a function that clears the cache */
function rememberTables(store: Level): () => void {
  const known = new Map<string, Json>();
  const getTable = store.getTable;
  store.getTable = (name, check, done) => {
    if (typeof check !== 'function') return getTable(name, check, done);
    const table = known.get(name);
    if (table) return queueMicrotask(() => check(null, table));
    getTable(name, (error, found) => {
      if (found) noteTable(name, found as unknown as TableShape);
      if (found?.TableStatus === 'ACTIVE') known.set(name, found);
      check(error, found);
    });
  };
  return () => known.clear();
}

/**
 * Closes iterators after their read. dynalite ends them with `return`, which abstract-level no longer has: each would stay
 * open and keep a snapshot of the whole store in memory and on disk.
 */
function closeIterators({ db }: Level): void {
  for (const kind of ['keys', 'values'] as const) {
    const opens = (db[kind] as unknown as Opens).bind(db);
    Object.assign(db, {
      [kind]: (options?: Json) => {
        const iterator = opens(options);
        return Object.assign(iterator, { return: () => iterator.close() });
      },
    });
  }
}

/** Reports each write after it is done and before the caller is answered. */
function tellWrites({ db }: Level, wrote: (count: number) => void): void {
  const { put, del, batch } = db;
  const telling =
    (count: number, done: Done): Done =>
    (error) => {
      if (!error) wrote(count);
      done(error);
    };
  db.put = (key, value, done) => put(key, value, telling(1, done));
  db.del = (key, done) => del(key, telling(1, done));
  db.batch = (operations, done) => batch(operations, telling(operations.length, done));
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What a store tells, and which tables it has streams of. */
interface StoreOptions {
  /** Called with the number of written items before the write is acknowledged. */
  wrote?: (count: number) => void;
  tables?: readonly TableModel[];
  /** Called with a table's name when its stream has a new record. */
  recorded?: (table: string) => void;
}

/**
 * Opens the store.
 * @param path a folder; absent, the data is in memory
 */
export function openStore(
  path?: string,
  { wrote, tables = [], recorded = () => {} }: StoreOptions = {},
): Store {
  const store = create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const forgetTables = rememberTables(store);
  closeIterators(store);
  if (wrote) tellWrites(store, wrote);
  const streams = new Streams(store, tables, recorded);
  const operations = new Map<string, { types: Json; custom: unknown; act: Act }>();

  const underWay = new Set<(error: Error) => void>();

  function operationOf(name: string) {
    let operation = operations.get(name);
    if (operation === undefined) {
      const file = lowerFirst(name);
      operation = { ...require(`dynalite/validations/${file}`), act: require(`dynalite/actions/${file}`) };
      operations.set(name, operation as NonNullable<typeof operation>);
    }
    return operation as NonNullable<typeof operation>;
  }

  function acted(act: Act, input: Json): Promise<Json> {
    return new Promise<Json>((done, fail) => {
      underWay.add(fail);
      act(store, input, (error, data) => {
        underWay.delete(fail);
        if (error) fail(error);
        else done(data ?? {});
      });
    });
  }

  const done = (work: (done: Done) => void): Promise<void> =>
    new Promise((succeed, fail) => work((error) => (error ? fail(error) : succeed())));

  return {
    streams,

    async addIndexes({ TableName: name, AttributeDefinitions }, indexes) {
      const table = await new Promise<Json>((succeed, fail) =>
        store.getTable(String(name), false, (error, found) => (error ? fail(error) : succeed(found ?? {}))),
      );
      const { GlobalSecondaryIndexes: before = [], LocalSecondaryIndexes: _, ...rest } = table;
      const added = indexes.map((index) => ({
        ...index,
        IndexStatus: 'ACTIVE',
        IndexSizeBytes: 0,
        ItemCount: 0,
      }));
      const onlyAdded = { ...rest, AttributeDefinitions, GlobalSecondaryIndexes: added };
      for (let from: unknown, isFirst = true; isFirst || from !== undefined; isFirst = false) {
        const page = await acted(operationOf('Scan').act, { TableName: name, ExclusiveStartKey: from });
        for (const item of page.Items as unknown[])
          await done((told) => updateIndexes(store, onlyAdded, undefined, item, told));
        from = page.LastEvaluatedKey;
      }
      const all = [...(before as Json[]), ...added];
      const now = { ...table, AttributeDefinitions, GlobalSecondaryIndexes: all };
      await done((told) => store.tableDb.put(String(name), now, told));
      forgetTables();
    },

    async ready() {
      try {
        await store.db.open();
      } catch (error) {
        throw explained(error as Error, path);
      }
      await streams.ready();
    },

    failAll(error) {
      for (const fail of underWay) fail(error);
      underWay.clear();
    },

    async call(name, input) {
      const changesTables = CHANGES_TABLES.test(name);
      if (changesTables) forgetTables();
      try {
        const { types, custom, act } = operationOf(name);
        const checked = validations.checkTypes(input, types);
        validations.checkValidations(checked, types, custom, store);
        const body = await acted(act, checked);
        return { status: 200, body };
      } catch (error) {
        const { statusCode, body, units } = error as { statusCode?: number; body?: Json; units?: number };
        if (statusCode !== undefined && body !== undefined) return { status: statusCode, body, units };
        throw error;
      } finally {
        if (changesTables) forgetTables();
      }
    },

    close: () =>
      new Promise((done, fail) => store.db.close((error?: Error) => (error ? fail(error) : done()))),
  };
}

function explained(error: Error, path = 'memory'): Error {
  const { code, message } = (error.cause ?? error) as Error & { code?: string };
  const why = code === 'LEVEL_LOCKED' ? 'is in use by another process' : `does not open: ${message}`;
  return new Error(`The data in ${path} ${why}`);
}
