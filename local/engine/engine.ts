import { Worker } from 'node:worker_threads';
import type { Count } from './calls.ts';
import type { EngineData, EngineRequest } from './worker.ts';

/** The embedded DynamoDB, in a thread of its own. */
export interface Engine {
  /** Where it listens. */
  endpoint: string;
  counts(): Promise<Count[]>;
  resetCounts(): Promise<void>;
  close(): Promise<void>;
}

interface FromWorker {
  ready?: number;
  id?: number;
  answer?: unknown;
}

/** Starts it, and makes the tables that are not there yet. */
export async function startEngine(data: EngineData): Promise<Engine> {
  const worker = new Worker(new URL('./boot.mjs', import.meta.url), { workerData: data, execArgv: [] });
  const waiting = new Map<number, (answer: unknown) => void>();
  const port = await new Promise<number>((ready, fail) => {
    worker.on('error', (error) => fail(explained(error, data.path)));
    worker.on('message', ({ ready: at, id, answer }: FromWorker) => {
      if (at !== undefined) ready(at);
      if (id === undefined) return;
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
  });
  let asked = 0;
  const ask = <T>(request: EngineRequest) =>
    new Promise<T>((done) => {
      const id = ++asked;
      waiting.set(id, done as (answer: unknown) => void);
      worker.postMessage({ id, request });
    });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    counts: () => ask<Count[]>('counts'),
    resetCounts: () => ask<void>('reset'),
    async close() {
      await ask('close');
      await worker.terminate();
    },
  };
}

function explained(error: unknown, path?: string): unknown {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  const locked = [code, cause?.code].includes('LEVEL_LOCKED');
  return locked ? new Error(`The data in ${path} is in use by another process`) : error;
}
