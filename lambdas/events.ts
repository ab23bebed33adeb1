import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { BusEvent } from '../protocol/index.ts';
import { eventsOf } from '../store/changes.ts';
import { type Entry, type PutEvents, sizeOf } from './aws/event-bus.ts';
import { describe, log } from './runtime/log.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

interface Ports {
  eventBus: PutEvents;
  /** Whether events have the messages' texts. */
  eventContent: boolean;
}

/** An entry, and the record that it is of. */
interface Derived extends Entry {
  record: string;
}

// Source: "PutEvents", EventBridge's API reference.
const MOST = 10;
const LARGEST = 256 * 1024 - 1;

/**
 * Puts the events of the tables' changes on the bus, in the order of their records. Lambda repeats a batch from the first
 * record on that is reported, splits it, and at last puts it aside: what is wrong with one record stops no other.
 */
export const onRecords = ({ eventBus, eventContent }: Ports) =>
  withObservability('events', async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const derived: Derived[] = [];
    let failed: string | undefined;
    for (const record of Records) {
      const number = record.dynamodb?.SequenceNumber ?? '';
      try {
        derived.push(...eventsOf(record).map((event) => entryOf(event, number, eventContent)));
      } catch (error) {
        log('error', 'events', { outcome: 'unreadable', record: number, why: describe(error) });
        failed = number;
        break;
      }
    }
    failed = (await putAll(eventBus, derived)) ?? failed;
    logOutcome('events', failed === undefined ? 'ok' : 'failed', {
      records: Records.length,
      events: derived.length,
    });
    // Lambda halves a batch for an error alone. One whose first record is named is tried again as it is, and at last all of it
    // would be put aside.
    if (failed !== undefined && failed === Records[0]?.dynamodb?.SequenceNumber && Records.length > 1)
      throw new Error(`The record ${failed} can't be told of`);
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  });

function entryOf(event: BusEvent, record: string, hasContent: boolean): Derived {
  const { content, ...rest } = event as BusEvent & { content?: string };
  const detail = hasContent && content !== undefined ? { ...rest, content } : rest;
  return { type: event.type, detail: JSON.stringify(detail), record };
}

/** @returns the sequence number of the first record that has an event which the bus does not have */
async function putAll(eventBus: PutEvents, derived: readonly Derived[]): Promise<string | undefined> {
  for (const entries of requestsOf(derived)) {
    const refused = await eventBus(entries).catch((error: unknown) => {
      log('error', 'events', { outcome: 'not put', why: describe(error) });
      return 0;
    });
    if (refused !== undefined) return entries[refused]?.record;
  }
  return undefined;
}

/** As many events in a request as it may have. */
function requestsOf(derived: readonly Derived[]): Derived[][] {
  const requests: Derived[][] = [];
  let room = 0;
  for (const each of derived) {
    const request = requests.at(-1);
    const size = sizeOf(each);
    if (request && request.length < MOST && size <= room) request.push(each);
    else {
      requests.push([each]);
      room = LARGEST;
    }
    room -= size;
  }
  return requests;
}
