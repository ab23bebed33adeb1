import { randomUUID } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import { KEPT_MS, SHARDS, type StreamRecord } from '../engine/streams.ts';
import { matches } from '../events/pattern.ts';
import { type Faults, pause } from '../faults/faults.ts';
import type { Identity, Permissions } from '../iam.ts';
import type { StreamFeedModel } from '../template/model.ts';

/** What an event source mapping of a stream needs. */
interface FollowOptions {
  model: StreamFeedModel;
  /** The table of the stream. */
  table: string;
  engine: Pick<Engine, 'records' | 'position' | 'move' | 'onRecord'>;
  /** The function whose role reads the stream. */
  identity: Identity;
  permissions: Permissions;
  faults: Faults;
  /** Runs the function. @throws if it fails */
  invoke: (event: unknown, requestId: string) => Promise<unknown>;
  /** Sends to the queue for discarded batches, if there is one. */
  discard: (body: string) => void;
  /** Called once with the reason if nothing can be read. */
  complain: (line: string) => void;
}

/** Ends an event source mapping. */
interface Following {
  /** It stops once the batch that its function has is done. */
  stop(): void;
}

const READING = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
// Filters skip most records of some streams.
const READ_AT_ONCE = 1_000;
// Lambda's quota for an invocation's payload.
const LARGEST = 6 * 1024 * 1024;
const [FIRST_WAIT, LONGEST_WAIT] = [100, 60_000];
const LATE_MS = 2_000;

/** Invokes a function with a stream's records like Lambda does: each shard's in order, until they succeed or are discarded. */
export async function follow(options: FollowOptions): Promise<Following> {
  const { model, identity, permissions, complain, engine, table } = options;
  const reading = READING.filter((action) =>
    permissions.denies(identity, { action, resources: [model.streamArn] }),
  );
  const listing = permissions.denies(identity, { action: 'dynamodb:ListStreams', resources: ['*'] });
  const sending = model.failedArn
    ? permissions.denies(identity, { action: 'sqs:SendMessage', resources: [model.failedArn] })
    : undefined;
  const denied = [
    ...reading,
    ...(listing ? ['dynamodb:ListStreams'] : []),
    ...(sending ? ['sqs:SendMessage'] : []),
  ];
  if (denied.length > 0) {
    complain(`${identity.name} receives no records of ${table}: it lacks ${denied.join(', ')}`);
    return { stop: () => {} };
  }
  const shards = Array.from({ length: SHARDS }, (_, shard) => new Follower(options, shard));
  // Before anything is written: with LATEST, a mapping reads what is written from its creation on.
  await Promise.all(shards.map((each) => each.start()));
  engine.onRecord(table, () => {
    for (const each of shards) each.wake();
  });
  for (const each of shards) void each.run();
  return {
    stop() {
      for (const each of shards) each.stop();
    },
  };
}

const numberOf = ({ dynamodb }: StreamRecord): string => dynamodb.SequenceNumber;
const lastOf = (records: readonly StreamRecord[]): string => numberOf(records.at(-1) as StreamRecord);

/** Reads one shard. */
class Follower {
  readonly #options: FollowOptions;
  readonly #shard: number;
  #after = '';
  #isStopped = false;
  #isWoken = false;
  #wake: () => void = () => {};

  constructor(options: FollowOptions, shard: number) {
    this.#options = options;
    this.#shard = shard;
  }

  async start(): Promise<void> {
    const { engine, model } = this.#options;
    this.#after = await engine.position(this.#place, model.start);
  }

  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async run(): Promise<void> {
    const { model, faults } = this.#options;
    while (!this.#isStopped) {
      this.#isWoken = false;
      const records = await this.#read();
      if (records.length === 0) await this.#news();
      else {
        if (faults.happens('recordsLate'))
          await pause(faults.outcome('recordsLate') * faults.time('eventLateMs', LATE_MS));
        for (const batch of batchesOf(records.filter(this.#isWanted), model.batch)) {
          if (this.#isStopped) return;
          await this.#handle(batch);
          if (faults.happens('recordsTwice')) await this.#handle(batch);
        }
        if (!this.#isStopped) await this.#move(lastOf(records));
      }
    }
  }

  get #place() {
    return { mapping: this.#options.model.id, table: this.#options.table, shard: this.#shard };
  }

  async #read(): Promise<StreamRecord[]> {
    const { engine, model, table } = this.#options;
    const next = () => engine.records({ table, shard: this.#shard, after: this.#after, limit: READ_AT_ONCE });
    const records = await next();
    const hasFew = () => records.filter(this.#isWanted).length < model.batch;
    if (records.length === 0 || model.window === 0 || !hasFew()) return records;
    await this.#sleep(model.window);
    return this.#isStopped ? [] : next();
  }

  readonly #isWanted = (record: StreamRecord): boolean => {
    const { filters } = this.#options.model;
    return filters.length === 0 || filters.some((pattern) => matches(pattern, record));
  };

  /** Waits for a new record. */
  #news(): Promise<void> {
    return new Promise((done) => {
      this.#wake = done;
      if (this.#isWoken || this.#isStopped) done();
    });
  }

  /** Waits, unless it is stopped. */
  #sleep(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        if (!this.#isStopped) return;
        clearTimeout(timer);
        done();
      };
    });
  }

  async #move(to: string): Promise<void> {
    // A batch that is delivered again lies before.
    if (to <= this.#after) return;
    this.#after = to;
    await this.#options.engine.move(this.#place, to);
  }

  /** Runs a batch until it succeeds, or what is left of it is discarded. Splitting a batch is not a retry. */
  async #handle(batch: readonly StreamRecord[]): Promise<void> {
    const { model } = this.#options;
    let rest = batch;
    for (let tries = 1; !this.#isStopped; tries++) {
      const requestId = randomUUID();
      const failed = await this.#invoke(rest, requestId);
      const isError = failed === 'error';
      if (failed === undefined) return this.#move(lastOf(rest));
      if (this.#isStopped) return;
      if (!isError && failed > 0) {
        await this.#move(lastOf(rest.slice(0, failed)));
        rest = rest.slice(failed);
        // Another record is the first one now: a batch that gets on is not retried, but split.
        tries = 0;
        continue;
      }
      // Not where a record was named: from there on, all is tried again.
      if (isError && model.bisect && rest.length > 1) {
        const middle = Math.ceil(rest.length / 2);
        await this.#handle(rest.slice(0, middle));
        return this.#handle(rest.slice(middle));
      }
      const condition = this.#discardable(rest, tries);
      if (condition) {
        this.#discard(rest, { requestId, condition, approximateInvokeCount: tries });
        return this.#move(lastOf(rest));
      }
      await this.#sleep(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)));
    }
  }

  /** @returns the index of the first record that was reported, or that the function failed as a whole; undefined if neither */
  async #invoke(records: readonly StreamRecord[], requestId: string): Promise<number | 'error' | undefined> {
    const { model, invoke, faults } = this.#options;
    try {
      const result = await invoke({ Records: records }, requestId);
      if (faults.happens('recordsFail')) return 'error';
      return model.partial ? firstFailure(records, result) : undefined;
    } catch {
      // What went wrong is in the function's log.
      return 'error';
    }
  }

  #discardable(rest: readonly StreamRecord[], tries: number): string | undefined {
    const { retries, age = KEPT_MS } = this.#options.model;
    if (retries !== undefined && tries > retries) return 'RetryAttemptsExhausted';
    const isOld = rest.some(
      ({ dynamodb }) => Date.now() - dynamodb.ApproximateCreationDateTime * 1_000 >= age,
    );
    return isOld ? 'RecordAgeExceeded' : undefined;
  }

  /** Source: "Retain discarded records for a DynamoDB event source in Lambda", Lambda's developer guide. */
  #discard(rest: readonly StreamRecord[], context: object): void {
    const { model, identity, discard } = this.#options;
    const time = ({ dynamodb }: StreamRecord) =>
      new Date(dynamodb.ApproximateCreationDateTime * 1_000).toISOString();
    const [first, last] = [rest[0] as StreamRecord, rest.at(-1) as StreamRecord];
    const body = {
      requestContext: { ...context, functionArn: identity.arn },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId: `shardId-${String(this.#shard).padStart(20, '0')}`,
        startSequenceNumber: numberOf(first),
        endSequenceNumber: numberOf(last),
        approximateArrivalOfFirstRecord: time(first),
        approximateArrivalOfLastRecord: time(last),
        batchSize: rest.length,
        streamArn: model.streamArn,
      },
    };
    discard(JSON.stringify(body));
  }
}

/** Of several failures the first counts, and a report that names no record of the batch is a failure of all. */
function firstFailure(records: readonly StreamRecord[], result: unknown): number | undefined {
  const { batchItemFailures } = (result ?? {}) as {
    batchItemFailures?: { itemIdentifier?: unknown }[] | null;
  };
  if (!batchItemFailures?.length) return undefined;
  const failed = batchItemFailures.map(({ itemIdentifier }) =>
    records.findIndex((record) => numberOf(record) === itemIdentifier),
  );
  return Math.max(0, Math.min(...failed));
}

/** Batches by number and size. */
function batchesOf(records: readonly StreamRecord[], most: number): StreamRecord[][] {
  const batches: StreamRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const size = JSON.stringify(record).length;
    const batch = batches.at(-1);
    if (batch && batch.length < most && size <= room) batch.push(record);
    else {
      batches.push([record]);
      room = LARGEST;
    }
    room -= size;
  }
  return batches;
}
