import type { TableModel } from '../template/model.ts';
import { Locks } from './locks.ts';
import { Replica } from './replica.ts';
import type { Outcome, Store } from './store.ts';

type Json = Record<string, unknown>;

/** The consumed capacity of a call, in DynamoDB's units. */
export interface Consumed {
  read: number;
  write: number;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
const METERED = new Set([...WRITES, 'GetItem', 'BatchGetItem', 'Query', 'Scan']);

/** Adds to the store what it lacks: the item that failed a condition, nesting limits, stale reads, and consumed capacity. */
export class Dynamo {
  readonly #store: Store;
  readonly #keys = new Map<string, string[]>();
  readonly #locks = new Locks();
  #replica: Replica | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Creates a table if it doesn't exist, and adds the indexes that it lacks, as an update of a deployment does.
   * @throws Error if a table of this name exists with other keys, or other indexes of the same name
   */
  async createTable(create: Json): Promise<void> {
    const { status, body } = await this.#store.call('CreateTable', create);
    const exists = String(body.__type).endsWith('#ResourceInUseException');
    if (status !== 200 && !exists) {
      throw new Error(`CreateTable ${String(create.TableName)}: ${JSON.stringify(body)}`);
    }
    if (exists) await this.#update(create);
    else await this.#active(create.TableName);
    this.#learn(create);
  }

  /** Remembers the keys of an existing table. */
  #learn(create: Json): void {
    const schema = create.KeySchema as { AttributeName: string }[];
    this.#keys.set(
      String(create.TableName),
      schema.map(({ AttributeName }) => AttributeName),
    );
    for (const { IndexName, KeySchema } of indexesOf(create)) {
      this.#keys.set(
        `${create.TableName}/${IndexName}`,
        KeySchema.map(({ AttributeName }) => AttributeName),
      );
    }
  }

  /** The partition key of a table, or of its index. */
  hashKeyOf(table: string, index?: string): string | undefined {
    return this.#keys.get(index === undefined ? table : `${table}/${index}`)?.[0];
  }

  /** Waits until a new table is active, which takes a moment, as in DynamoDB. */
  async #active(table: unknown): Promise<void> {
    for (;;) {
      const { body } = await this.#store.call('DescribeTable', { TableName: table });
      if ((body.Table as Json | undefined)?.TableStatus === 'ACTIVE') return;
      await new Promise((done) => setTimeout(done, 1));
    }
  }

  async #update(create: Json): Promise<void> {
    const { body } = await this.#store.call('DescribeTable', { TableName: create.TableName });
    const table = body.Table as Json;
    const known = new Set(indexesOf(table).map(({ IndexName }) => IndexName));
    const lacking = ((create.GlobalSecondaryIndexes ?? []) as (Index & Json)[]).filter(
      ({ IndexName }) => !known.has(IndexName),
    );
    const GlobalSecondaryIndexes = [...((table.GlobalSecondaryIndexes ?? []) as Index[]), ...lacking];
    if (shapeOf({ ...table, GlobalSecondaryIndexes }) === shapeOf(create)) {
      if (lacking.length > 0) await this.#store.addIndexes(create, lacking);
    } else {
      throw new Error(
        `The data has a table ${String(create.TableName)} with other keys or indexes than the template's: ` +
          'start with another folder, or delete it',
      );
    }
  }

  /** Starts a replica for stale reads, or stops it. @param tables absent to stop it */
  async replicate(tables: readonly TableModel[] | undefined): Promise<void> {
    if (!tables) this.#replica = undefined;
    else this.#replica ??= new Replica(this.#store, tables);
    await this.#replica?.ready;
  }

  /** Answers a read from the replica; undefined if there is none. */
  async readStale(operation: string, input: Json): Promise<Outcome | undefined> {
    return this.#replica?.call(operation, input);
  }

  async call(operation: string, input: Json): Promise<Outcome & { consumed: Consumed }> {
    const asked = input.ReturnConsumedCapacity;
    if (METERED.has(operation)) input.ReturnConsumedCapacity = 'TOTAL';
    const outcome = isTooDeep(input) ? tooDeep : await this.#serialized(operation, input);
    if (operation === 'CreateTable' && outcome.status === 200) this.#learn(input);
    const consumed = unitsOf(operation, outcome);
    if (asked === undefined || asked === 'NONE') delete outcome.body.ConsumedCapacity;
    return { ...outcome, consumed };
  }

  /** Deletes an item as the TTL sweeper does. */
  expire(input: Json): Promise<Outcome> {
    const deletion = () => this.call('DeleteItem', input);
    return this.#store.streams.expiring(String(input.TableName), input.Key as Json, deletion);
  }

  /** Serializes single writes of an item, so that the item read after a failed condition is the one that failed it. */
  #serialized(operation: string, input: Json): Promise<Outcome> {
    const key = WRITES.has(operation) ? this.#keyOf(input) : undefined;
    if (key === undefined) return this.#store.call(operation, input);
    return this.#locks.run(`${String(input.TableName)} ${JSON.stringify(key)}`, async () => {
      const outcome = await this.#store.call(operation, { ...input });
      if (outcome.status === 200) await this.#record(input.TableName, key);
      const wanted = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
      if (!wanted || !String(outcome.body.__type).endsWith('#ConditionalCheckFailedException'))
        return outcome;
      const item = await this.#itemOf(input.TableName, key);
      return { ...outcome, body: { ...outcome.body, ...(item ? { Item: item } : {}) } };
    });
  }

  async #record(table: unknown, key: Json): Promise<void> {
    if (this.#replica) this.#replica.record(String(table), key, await this.#itemOf(table, key));
  }

  async #itemOf(table: unknown, key: Json): Promise<Json | undefined> {
    const get = { TableName: table, Key: key, ConsistentRead: true };
    return (await this.#store.call('GetItem', get)).body.Item as Json | undefined;
  }

  #keyOf(input: Json): Json | undefined {
    if (input.Key) return input.Key as Json;
    const item = input.Item as Json | undefined;
    const names = this.#keys.get(String(input.TableName));
    return item && names && Object.fromEntries(names.map((name) => [name, item[name]]));
  }
}

// Source: DynamoDB's constraints, "Nested attribute depth"; the attribute itself is the first level.
const DEEPEST = 32;
const tooDeep: Outcome = {
  status: 400,
  body: {
    __type: 'com.amazon.coral.validate#ValidationException',
    message:
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  },
};

/** Whether a write nests lists or maps deeper than DynamoDB allows; the store would accept it. */
const isTooDeep = ({ Item, ExpressionAttributeValues, RequestItems }: Json): boolean =>
  [Item, ExpressionAttributeValues, ...writesOf(RequestItems)].some((each) => isDeeper(each, DEEPEST - 1));

const writesOf = (items: unknown): unknown[] =>
  Object.values((items ?? {}) as Json).flatMap((each) =>
    Array.isArray(each)
      ? each.map((write?: { PutRequest?: { Item?: unknown } }) => write?.PutRequest?.Item)
      : [],
  );

/** @param levels that there may be within these attributes */
function isDeeper(attributes: unknown, levels: number): boolean {
  return Object.values(attributes ?? {}).some((value?: { M?: unknown; L?: unknown }) => {
    const inside = value?.M ?? value?.L;
    return inside !== undefined && (levels === 0 || isDeeper(inside, levels - 1));
  });
}

interface Index {
  IndexName: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
}

const indexesOf = ({ GlobalSecondaryIndexes, LocalSecondaryIndexes }: Json): Index[] =>
  [GlobalSecondaryIndexes ?? [], LocalSecondaryIndexes ?? []].flat() as Index[];

/** Keys and indexes, in a form to compare. */
function shapeOf(table: Json): string {
  const keys = (schema: Index['KeySchema']) =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);
  const named = indexesOf(table).map((index) => [index.IndexName, keys(index.KeySchema)]);
  return JSON.stringify([keys(table.KeySchema as Index['KeySchema']), named.sort()]);
}

function unitsOf(operation: string, { body, units: refused }: Outcome): Consumed {
  const entries = [body.ConsumedCapacity ?? []].flat() as { CapacityUnits?: number }[];
  const units = refused ?? entries.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);
  return WRITES.has(operation) ? { read: 0, write: units } : { read: units, write: 0 };
}
