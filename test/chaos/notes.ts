import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FanOut } from '../../chat/model.ts';
import { unsealed } from '../../local/sealed.ts';
import type { Told } from './check-events.ts';
import type { Accepted, Record } from './record.ts';

/** Files of JSON lines that hosts write: what the gateway accepted (`Accepted`), and log lines about fan-outs. */
export const [ACCEPTED, LOGGED] = ['accepted', 'logged'];
/** Likewise of records that no event can be made of (`{}` each). */
export const POISONED = 'poisoned';

// biome-ignore lint/suspicious/noExplicitAny: frames of every kind.
type Frame = any;

/** The ids of the messages in a frame to a client. */
export const idsIn = (frame: Frame): string[] =>
  [frame, ...(frame.pending_messages ?? []), ...(frame.messages ?? [])].flatMap(
    ({ message_id }) => message_id ?? [],
  );

/** Reads the notes of all hosts and the dead-letter queues. */
export function readNotes(notes: string, data: string): Pick<Record, 'accepted' | 'logged' | 'deadLetters'> {
  return {
    accepted: linesOf(join(notes, ACCEPTED)).map((line) => JSON.parse(line) as Accepted),
    logged: linesOf(join(notes, LOGGED)),
    deadLetters: lettersIn<FanOut>(join(data, 'queues'), (id) => id.includes('Failed') && !isOfEvents(id)),
  };
}

/** Likewise about events. */
export function readTold(notes: string, data: string): Omit<Told, 'events'> {
  const letters = lettersIn<Discarded>(join(data, 'queues'), isOfEvents);
  return {
    poisoned: linesOf(join(notes, POISONED)).length,
    givenUp: letters.map(({ DDBStreamBatchInfo: { startSequenceNumber: record, batchSize } }) => ({
      record,
      batchSize,
    })),
  };
}

/** What Lambda puts into the dead-letter queue of a stream. */
interface Discarded {
  DDBStreamBatchInfo: { startSequenceNumber: string; batchSize: number };
}

// The last line may be incomplete: a host may have been killed while it wrote it.
const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
    : [];

const isOfEvents = (id: string): boolean => id.startsWith('EventBusFailed');

const lettersIn = <T>(queues: string, isIt: (id: string) => boolean): T[] =>
  readdirSync(queues)
    .filter(isIt)
    .flatMap((id) => readdirSync(join(queues, id)).map((name) => join(queues, id, name)))
    .map((path) => JSON.parse(unsealed(readFileSync(path, 'utf8')) ?? '') as { body: string })
    .map(({ body }) => JSON.parse(body) as T);
