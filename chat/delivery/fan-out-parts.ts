import type { FanOut, Millis } from '../model.ts';
import type { Copies, Due, FanOutQueue, Runtime } from '../ports.ts';

// Longer than a message can wait in the queue, and then in the dead-letter queue until it is redriven by hand.
export const CLAIMED_FOR: Millis = 20 * 24 * 60 * 60 * 1000;

/** A part of a fan-out, without whose copy it is. */
export type Part = Omit<FanOut, 'copy'>;

/** The messages of a part. */
export const seqsOf = ({ seq, seqs = seq === undefined ? [] : [seq] }: Part): readonly number[] => seqs;

/** What a part says of its messages. */
export const withSeqs = (seqs: readonly number[]): Pick<FanOut, 'seq' | 'seqs'> =>
  seqs.length === 1 ? { seq: seqs[0] as number } : { seqs };

/**
 * Sends a part of a fan-out to the queue, with up to two retries. A failed send may still have reached the queue, so each
 * send is a copy with its own id, and only one copy is processed (`claimPart`).
 * @param when when it is due; absent, at once
 */
export async function sendPart(
  { fanOutQueue, runtime }: { fanOutQueue: FanOutQueue; runtime: Runtime },
  part: Part,
  when?: Due,
): Promise<void> {
  const send = () => fanOutQueue.send({ ...part, copy: runtime.newId() }, when);
  await send().catch(send).catch(send);
}

/** Names the messages of a part. No two lists of gathered messages begin with the same one. */
function nameOf(part: Part): string {
  const [first, ...others] = seqsOf(part);
  const also = others.length > 0 ? ` and ${others.length} to ${others.at(-1)}` : '';
  return `${part.chat} ${first}${also}`;
}

/**
 * Claims a part of a fan-out for this copy, so that a part that was sent twice is processed once.
 * @returns true for the first copy that claims it, also when the queue redelivers that copy
 */
export function claimPart(
  { copies, runtime }: { copies: Copies; runtime: Runtime },
  part: FanOut,
): Promise<boolean> {
  const { after = '', list = `behind ${after}`, tries = 0, copy } = part;
  return copies.claim(`${nameOf(part)} ${list} ${tries}`, copy, runtime.now() + CLAIMED_FOR);
}

/**
 * Fixes where a page ends. When the queue redelivers the page, it is retried, or the sender repeats the message, its member
 * list may have changed: with another end, it would start a second chain of pages, or leave members out between two.
 * @param last the last member of the page as it was read now; undefined if no page follows
 * @returns the one of the first attempt that read it
 */
export const fixEnd = (
  { copies, runtime }: { copies: Copies; runtime: Runtime },
  part: Part,
  last: string | undefined,
): Promise<string | undefined> =>
  copies.endPage(`${nameOf(part)} behind ${part.after ?? ''}`, last, runtime.now() + CLAIMED_FOR);
