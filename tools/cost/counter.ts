import { setTimeout as pause } from 'node:timers/promises';
import type { Cloud } from '../../local/cloud.ts';
import type { CloudModel, FunctionModel } from '../../local/template/model.ts';
import { median } from '../harness/numbers.ts';
import { type Logs, PLATFORM_BYTES } from './logs.ts';
import type { Usage } from './usage.ts';
import type { Wire } from './wire.ts';

/** The work of one operation, on average. */
export interface Counted {
  /** Calls to DynamoDB. */
  requests: number;
  /** Frames posted to connections. */
  posts: number;
  /** The duration of its function in milliseconds, and the function's memory in MB. */
  ms: number;
  memory: number;
  usage: Usage;
  /** What of it is for its events, in a deployment with events. */
  told?: Usage;
}

/** The dependencies of a counter. */
interface CounterOptions {
  cloud: Cloud;
  model: CloudModel;
  wire: Wire;
  logs: Logs;
  /** The assumed duration of each invocation in milliseconds, instead of the measured one. */
  ms?: number;
}

/** An operation to count. */
interface Operation {
  /** The key of its route. */
  route: string;
  /** The number of sequential repetitions. */
  repeat?: number;
  /** The events of each, in a deployment with events. */
  events?: number;
  run(): Promise<unknown>;
}

// A message to a queue is sent, received and deleted.
const QUEUE_CALLS = 3;
const PATIENCE_MS = 60_000;
const REST_MS = 60;
const LONG_REST_MS = 1_000;
const GB = 1e9;
// A GB-second is 1,024 MB for one second.
const MB_OF_GB = 1_024;

/** Counts the service's work per operation, one operation at a time. */
export class Counter {
  readonly #options: CounterOptions;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  /** Repeats an operation and returns the average work of one. Nothing else may run meanwhile. */
  async count({ route, repeat = 1, events = 0, run }: Operation): Promise<Counted> {
    const { cloud, wire, logs } = this.#options;
    await cloud.resetCounts();
    wire.reset();
    logs.reset();
    const took: number[] = [];
    for (let index = 0; index < repeat; index++) {
      const started = performance.now();
      await run();
      took.push(performance.now() - started);
    }
    // A template always has a bus, the account's own.
    const isTold = this.#options.model.streamFeeds.length > 0;
    await this.#quiet(route, repeat, isTold ? repeat * events : 0);
    // The median, since other work on this machine slows single invocations down.
    return this.#counted(route, repeat, median(took));
  }

  async #counted(route: string, repeat: number, took: number): Promise<Counted> {
    const { cloud, wire, logs, ms: fixed } = this.#options;
    const { calls, posts } = await cloud.counts();
    const total = (pick: (call: (typeof calls)[number]) => number) =>
      calls.reduce((sum, call) => sum + pick(call), 0) / repeat;
    const posted = Object.values(posts).reduce((sum, count) => sum + count, 0);
    const { memory } = this.#functionOf(route);
    const { feeds, streamFeeds } = this.#options.model;
    const fed = this.#fed(feeds);
    const told = this.#fed(streamFeeds);
    const times = (all: typeof fed) => all.reduce((sum, { took }) => sum + took.length, 0);
    const queued = times(fed);
    const invoked = queued + times(told);
    const ms = fixed ?? took;
    const mbMsOf = (all: typeof fed) =>
      all.reduce(
        (sum, each) => sum + each.took.reduce((mb, took) => mb + (fixed ?? took) * each.memory, 0),
        0,
      ) / repeat;
    const mbMs = ms * memory + mbMsOf([...fed, ...told]);
    return {
      requests: total(({ requests }) => requests),
      posts: posted / repeat,
      ms,
      memory,
      usage: {
        messages: wire.messages / repeat,
        invocations: 1 + invoked / repeat,
        gbSeconds: mbMs / MB_OF_GB / 1_000,
        writes: total(({ write }) => write),
        reads: total(({ read }) => read),
        logged: (logs.bytes / repeat + PLATFORM_BYTES * (1 + invoked / repeat)) / GB,
        queued: (queued * QUEUE_CALLS) / repeat,
        events: logs.events / repeat,
        sentOut: wire.bytes / repeat / GB,
      },
      ...(told.length > 0 && {
        told: {
          invocations: times(told) / repeat,
          gbSeconds: mbMsOf(told) / MB_OF_GB / 1_000,
          logged:
            (told.reduce((sum, { bytes }) => sum + bytes, 0) + PLATFORM_BYTES * times(told)) / repeat / GB,
          events: logs.events / repeat,
        },
      }),
    };
  }

  #functionOf(route: string): FunctionModel {
    const { routes, functions } = this.#options.model;
    const id = routes.find(({ key }) => key === route)?.functionId;
    const found = functions.find((each) => each.id === id);
    if (found === undefined) throw new Error(`The template has no route ${route}`);
    return found;
  }

  /** The functions that queues or streams invoked meanwhile, each once, and the logged duration of each invocation, in milliseconds. */
  #fed(feeds: readonly { functionId: string }[]): { memory: number; took: number[]; bytes: number }[] {
    const { model, logs } = this.#options;
    return [...new Set(feeds.map(({ functionId }) => functionId))].flatMap((functionId) => {
      const fed = model.functions.find(({ id }) => id === functionId);
      const took = [...(logs.requests.get(fed?.name ?? '')?.values() ?? [])];
      const bytes = logs.bytesOf.get(fed?.name ?? '') ?? 0;
      return fed && took.length > 0 ? [{ memory: fed.memory, took, bytes }] : [];
    });
  }

  /** Waits until all frames and events have arrived, the queues are empty, and there are no more calls. */
  async #quiet(route: string, repeat: number, events: number): Promise<void> {
    const { cloud, wire, logs, model } = this.#options;
    const inBand = model.routes.some(({ key, response }) => key === route && response);
    const started = performance.now();
    let [last, since] = ['', started];
    for (;;) {
      const counts = await cloud.counts();
      const posted = Object.values(counts.posts).reduce((sum, count) => sum + count, 0);
      const empty = Object.values(cloud.queues()).every((count) => count === 0);
      const calls = counts.calls.reduce((sum, { requests }) => sum + requests, 0);
      // Without frames, wait for the same number of calls for each repetition.
      const begun = wire.frames > 0 || (calls > 0 && calls % repeat === 0);
      const done = begun && empty && logs.events >= events && wire.frames >= posted + (inBand ? repeat : 0);
      const now = JSON.stringify(counts);
      if (!done || now !== last) since = performance.now();
      // The last log lines arrive a little later, and operations without a reply give no signal.
      if (performance.now() - since > (wire.frames > 0 ? REST_MS : LONG_REST_MS)) return;
      if (performance.now() - started > PATIENCE_MS) throw new Error('The local cloud does not come to rest');
      last = now;
      await pause(20);
    }
  }
}
