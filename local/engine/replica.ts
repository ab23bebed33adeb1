import { pause } from '../faults/faults.ts';
import type { TableModel } from '../template/model.ts';
import { type Outcome, openStore, type Store } from './store.ts';

type Json = Record<string, unknown>;

/** Replication lag, in milliseconds. */
const LAG = 1_000;

/** A replica that lags behind the store, for eventually consistent reads. */
export class Replica {
  readonly #store = openStore();
  /** Resolves when the replica is ready for reads. */
  readonly ready: Promise<void>;
  #work: Promise<void>;

  /** Starts with everything in `source`. */
  constructor(source: Store, tables: readonly TableModel[]) {
    this.ready = this.#copy(source, tables);
    this.#work = this.ready;
  }

  call(operation: string, input: Json): Promise<Outcome> {
    return this.#store.call(operation, input);
  }

  /** Applies a change after the lag. @param item absent if it was deleted */
  record(table: string, key: Json, item?: Json): void {
    const at = Date.now() + LAG;
    this.#work = this.#work.then(async () => {
      await pause(at - Date.now());
      if (item) await this.#store.call('PutItem', { TableName: table, Item: item });
      else await this.#store.call('DeleteItem', { TableName: table, Key: key });
    });
  }

  /** Waits until the table accepts items. */
  async #create(create: Json): Promise<void> {
    await this.#store.call('CreateTable', create);
    const isActive = async () => {
      const { body } = await this.#store.call('DescribeTable', { TableName: create.TableName });
      return (body.Table as Json | undefined)?.TableStatus === 'ACTIVE';
    };
    while (!(await isActive())) await pause(1);
  }

  async #copy(source: Store, tables: readonly TableModel[]): Promise<void> {
    for (const { name, create } of tables) {
      await this.#create(create);
      let from: unknown;
      do {
        const page = { TableName: name, ConsistentRead: true, ...(from ? { ExclusiveStartKey: from } : {}) };
        const { body } = await source.call('Scan', page);
        for (const Item of (body.Items ?? []) as Json[])
          await this.#store.call('PutItem', { TableName: name, Item });
        from = body.LastEvaluatedKey;
      } while (from);
    }
  }
}
