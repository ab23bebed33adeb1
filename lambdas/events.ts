import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { eventsOf } from '../store/changes.ts';
import { type Entry, entryOf, type PutEvents, requestsOf } from './aws/event-bus.ts';
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
        const events = eventsOf(record);
        derived.push(...events.map((event) => ({ ...entryOf(event, eventContent), record: number })));
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
