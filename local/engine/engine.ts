import { Worker } from 'node:worker_threads';
import type { Signer } from '../callers.ts';
import type { FaultCounts } from '../faults/faults.ts';
import type { FaultPlan } from '../faults/plan.ts';
import type { Grant, Use } from '../iam.ts';
import { makePrivate } from '../private.ts';
import { bundledWorker } from './bundled-worker.ts';
import type { Count } from './calls.ts';
import type { EngineData, EngineRequest, Filling } from './worker.ts';

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
  const port = await new Promise<number>((ready, fail) => {
    worker.on('error', fail);
    worker.on('message', ({ ready: at, notice, id, answer, kill: signer }: FromWorker) => {
      if (notice !== undefined) warn(notice);
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
    async close() {
      await ask('close');
      await worker.terminate();
    },
  };
}
