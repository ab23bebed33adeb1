// Runs in a worker thread, so that neither exceptions nor long computations of the store affect the gateway.
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Callers } from '../callers.ts';
import { Faults } from '../faults/faults.ts';
import type { FaultPlan } from '../faults/plan.ts';
import type { TableModel } from '../template/model.ts';
import { Dynamo } from './dynamo.ts';
import { checkFolder } from './folder.ts';
import { type Caller, Front } from './front.ts';
import { openStore } from './store.ts';
import { sweepEvery } from './ttl.ts';

/** The engine's start options. */
export interface EngineData {
  path?: string;
  /** Whether to start with the readable part of damaged data. */
  acceptDamage?: boolean;
  tables: TableModel[];
  callers: Callers<Caller>;
}

/** Requests to the engine; each response carries the request's name and a value. */
export type EngineRequest =
  | 'counts'
  | 'reset'
  | 'grants'
  | 'faults'
  | 'faultCounts'
  | 'fill'
  | 'records'
  | 'position'
  | 'move'
  | 'close';

/** A shard of a table's stream. */
export interface Shard {
  table: string;
  shard: number;
}

/** The records of a shard after a sequence number. */
export interface Reading extends Shard {
  after: string;
  limit: number;
}

/** The position of an event source mapping in a shard. */
export interface Position extends Shard {
  mapping: string;
}

/** Items for a table, in DynamoDB's wire format. */
export interface Filling {
  table: string;
  items: readonly object[];
}

const data = workerData as EngineData;
const { path, acceptDamage = false } = data;
const folder = path === undefined ? undefined : await checkFolder(path, acceptDamage);
if (folder?.notice) parentPort?.postMessage({ notice: folder.notice });
const store = openStore(path, {
  wrote: folder && ((count) => folder.acknowledged.add(count)),
  tables: data.tables,
  recorded: (table) => parentPort?.postMessage({ recorded: table }),
});
await store.ready();
const { streams } = store;
await streams.trim(Date.now());
const dynamo = new Dynamo(store);
for (const table of data.tables) await dynamo.createTable(table.create);
// From here on only: earlier errors reach the caller that starts the engine.
process.on('uncaughtException', (error) => {
  process.stderr.write(`DynamoDB: ${error.stack}\n`);
  store.failAll(error);
});
const stopSweeping = sweepEvery(60_000, dynamo, data.tables);
const trimming = setInterval(() => void streams.trim(Date.now()), 60 * 60_000);
const faults = new Faults('engine');
const front = new Front({
  dynamo,
  callers: data.callers,
  faults,
  kill: (signer) => parentPort?.postMessage({ kill: signer }),
});
front.server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage({ ready: (front.server.address() as AddressInfo).port });
});

// The limit of BatchWriteItem.
const BATCH = 25;

async function fill({ table, items }: Filling): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH) {
    const puts = items.slice(from, from + BATCH).map((Item) => ({ PutRequest: { Item } }));
    const { status, body } = await dynamo.call('BatchWriteItem', { RequestItems: { [table]: puts } });
    if (status !== 200) throw new Error(`Cannot write to ${table}: ${JSON.stringify(body)}`);
  }
}

const answers: Record<EngineRequest, (detail?: unknown) => unknown> = {
  counts: () => front.counts(),
  reset: () => front.resetCounts(),
  grants: () => ({ used: front.permissions.used, denied: front.permissions.denied }),
  faults: async (detail) => {
    const plan = detail as FaultPlan | undefined;
    // Ready before the first fault, and only for plans that need it, since it doubles the memory for data.
    await dynamo.replicate(plan?.dynamo?.stale ? data.tables : undefined);
    faults.follow(plan);
  },
  faultCounts: () => faults.counts(),
  fill: (detail) => fill(detail as Filling),
  records: (detail) => {
    const { table, shard, after, limit } = detail as Reading;
    return streams.read(table, shard, after, limit);
  },
  position: (detail) => {
    const { mapping, table, shard, start } = detail as Position & { start: 'LATEST' | 'TRIM_HORIZON' };
    return streams.position(mapping, table, shard, start);
  },
  move: (detail) => {
    const { mapping, shard, to } = detail as Position & { to: string };
    return streams.move(mapping, shard, to);
  },
  close: async () => {
    stopSweeping();
    clearInterval(trimming);
    front.server.closeAllConnections();
    front.server.close();
    await store.close();
    folder?.acknowledged.close();
  },
};

parentPort?.on(
  'message',
  async ({ id, request, detail }: { id: number; request: EngineRequest; detail?: unknown }) => {
    parentPort?.postMessage({ id, answer: await answers[request](detail) });
  },
);
