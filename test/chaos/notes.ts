import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FanOut } from '../../chat/model.ts';
import { unsealed } from '../../local/sealed.ts';
import type { Record, Taken } from './record.ts';

/** The files of what hosts note, line by line: what the gateway took (`Taken`), and what functions said of fan-outs. */
export const [TAKEN, SAID] = ['taken', 'said'];

// biome-ignore lint/suspicious/noExplicitAny: frames of every kind.
type Frame = any;

/** The ids of the messages that a frame carries to a client. */
export const idsIn = (frame: Frame): string[] =>
  [frame, ...(frame.pending_messages ?? []), ...(frame.messages ?? [])].flatMap(
    ({ message_id }) => message_id ?? [],
  );

/** Reads what hosts have noted, and what their queues gave up. */
export function readNotes(notes: string, data: string): Pick<Record, 'taken' | 'said' | 'deadLetters'> {
  return {
    taken: linesOf(join(notes, TAKEN)).map((line) => JSON.parse(line) as Taken),
    said: linesOf(join(notes, SAID)),
    deadLetters: deadLettersIn(join(data, 'queues')),
  };
}

// A host may have been killed while it wrote the last line of its life.
const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
    : [];

const deadLettersIn = (queues: string): FanOut[] =>
  readdirSync(queues)
    .filter((id) => id.includes('Failed'))
    .flatMap((id) => readdirSync(join(queues, id)).map((name) => join(queues, id, name)))
    .map((path) => JSON.parse(unsealed(readFileSync(path, 'utf8')) ?? '') as { body: string })
    .map(({ body }) => JSON.parse(body) as FanOut);
