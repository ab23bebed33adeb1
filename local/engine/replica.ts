import { pause } from '../faults/faults.ts';
import type { TableModel } from '../template/model.ts';
import { type Outcome, openStore, type Store } from './store.ts';

type Json = Record<string, unknown>;

/** How far it is behind, in milliseconds. */
const LAG = 1_000;

/** A copy of the store that is behind: what reads which are not marked consistent may be answered from. */
export class Replica {
  readonly #store = openStore();
  /** Resolves when it can be read from. */
  readonly ready: Promise<void>;
  #work: Promise<void>;

  /** Begins with all that is in `source` now. */
  constructor(source: Store, tables: readonly TableModel[]) {
    this.ready = this.#copy(source, tables);
    this.#work = this.ready;
  }

  call(operation: string, input: Json): Promise<Outcome> {
    return this.#store.call(operation, input);
  }

  /** Takes over a change, late. @param item none: it was deleted */
  record(table: string, key: Json, item?: Json): void {
    const at = Date.now() + LAG;
    this.#work = this.#work.then(async () => {
      await pause(at - Date.now());
      if (item) await this.#store.call('PutItem', { TableName: table, Item: item });
      else await this.#store.call('DeleteItem', { TableName: table, Key: key });
    });
  }

  /** Until it takes items: what is put before is refused. */
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
