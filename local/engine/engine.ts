import { Worker } from 'node:worker_threads';
import type { Signer } from '../callers.ts';
import type { FaultCounts } from '../faults/faults.ts';
import type { FaultPlan } from '../faults/plan.ts';
import type { Grant, Use } from '../iam.ts';
import { makePrivate } from '../private.ts';
import { bundledWorker } from './bundled-worker.ts';
import type { Count } from './calls.ts';
import type { StreamRecord } from './streams.ts';
import type { EngineData, EngineRequest, Filling, Position, Reading } from './worker.ts';

/** The embedded DynamoDB, in its own thread. */
export interface Engine {
  endpoint: string;
  counts(): Promise<Count[]>;
  resetCounts(): Promise<void>;
  /** Writes items directly, without rights and counts, to prepare data. */
  fill(table: string, items: readonly object[]): Promise<void>;
  /** Rights that were used, and calls that were denied. */
  grants(): Promise<Verdicts>;
  setFaults(plan: FaultPlan | undefined): Promise<void>;
  faultCounts(): Promise<FaultCounts>;
  /** The next records of a shard of a table's stream. */
  records(reading: Reading): Promise<StreamRecord[]>;
  /** Where an event source mapping goes on: after this sequence number. @param start for one that has never read */
  position(of: Position, start: 'LATEST' | 'TRIM_HORIZON'): Promise<string>;
  /** Stores a position; it is durable once this is done. */
  move(of: Position, to: string): Promise<void>;
  /** Calls a function whenever a table's stream has new records. */
  onRecord(table: string, listener: () => void): void;
  close(): Promise<void>;
}

/** Rights that were used, and calls that were denied. */
export interface Verdicts {
  used: Use[];
  denied: Grant[];
}

interface FromWorker {
  ready?: number;
  notice?: string;
  id?: number;
  answer?: unknown;
  kill?: Signer;
  /** A table whose stream has a new record. */
  recorded?: string;
}

/**
 * Starts the engine and creates missing tables.
 * @param kill kills the instance that made a call, for faults
 * @param warn called with a description of damaged data
 * @throws Error if the folder can't be opened: another process uses it, it is damaged, or it has other tables
 */
export async function startEngine(
  data: EngineData,
  kill: (signer: Signer) => void = () => {},
  warn: (notice: string) => void = () => {},
): Promise<Engine> {
  if (data.path !== undefined) makePrivate(data.path);
  const worker = new Worker(await bundledWorker(), { workerData: data, execArgv: [] });
  const waiting = new Map<number, (answer: unknown) => void>();
  const listeners = new Map<string, (() => void)[]>();
  const port = await new Promise<number>((ready, fail) => {
    worker.on('error', fail);
    worker.on('message', ({ ready: at, notice, id, answer, kill: signer, recorded }: FromWorker) => {
      if (notice !== undefined) warn(notice);
      for (const listener of listeners.get(recorded ?? '') ?? []) listener();
      if (signer) kill(signer);
      if (at !== undefined) ready(at);
      if (id === undefined) return;
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
  });
  let asked = 0;
  const ask = <T>(request: EngineRequest, detail?: unknown) =>
    new Promise<T>((done) => {
      const id = ++asked;
      waiting.set(id, done as (answer: unknown) => void);
      worker.postMessage({ id, request, detail });
    });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    counts: () => ask<Count[]>('counts'),
    resetCounts: () => ask<void>('reset'),
    fill: (table, items) => ask<void>('fill', { table, items } satisfies Filling),
    grants: () => ask<Verdicts>('grants'),
    setFaults: (plan) => ask<void>('faults', plan),
    faultCounts: () => ask<FaultCounts>('faultCounts'),
    records: (reading) => ask<StreamRecord[]>('records', reading),
    position: (of, start) => ask<string>('position', { ...of, start }),
    move: (of, to) => ask<void>('move', { ...of, to }),
    onRecord: (table, listener) => void listeners.set(table, [...(listeners.get(table) ?? []), listener]),
    async close() {
      await ask('close');
      await worker.terminate();
    },
  };
}
