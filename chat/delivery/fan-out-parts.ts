import type { FanOut, Millis } from '../model.ts';
import type { Copies, FanOutQueue, Runtime } from '../ports.ts';

// Longer than a message can wait in the queue, and then in the dead-letter queue until it is redriven by hand.
const CLAIMED_FOR: Millis = 20 * 24 * 60 * 60 * 1000;

/**
 * Sends a part of a fan-out to the queue, with up to two retries. A failed send may still have reached the queue, so each
 * send is a copy with its own id, and only one copy is processed (`claimPart`).
 */
export async function sendPart(
  { fanOutQueue, runtime }: { fanOutQueue: FanOutQueue; runtime: Runtime },
  part: Omit<FanOut, 'copy'>,
  why?: unknown,
): Promise<void> {
  const send = () => fanOutQueue.send({ ...part, copy: runtime.newId() }, why);
  await send().catch(send).catch(send);
}

/**
 * Claims a part of a fan-out for this copy, so that a part that was sent twice is processed once.
 * @returns true for the first copy that claims it, also when the queue redelivers that copy
 */
export const claimPart = (
  { copies, runtime }: { copies: Copies; runtime: Runtime },
  { chat, seq, after = '', list = `behind ${after}`, tries = 0, copy }: FanOut,
): Promise<boolean> => copies.claim(`${chat} ${seq} ${list} ${tries}`, copy, runtime.now() + CLAIMED_FOR);

/**
 * Fixes where a page ends. When the queue redelivers the page, it is retried, or the sender repeats the message, its member
 * list may have changed: with another end, it would start a second chain of pages, or leave members out between two.
 * @param last the last member of the page as it was read now; undefined if no page follows
 * @returns the one of the first attempt that read it
 */
export const fixEnd = (
  { copies, runtime }: { copies: Copies; runtime: Runtime },
  { chat, seq, after = '' }: Pick<FanOut, 'chat' | 'seq' | 'after'>,
  last: string | undefined,
): Promise<string | undefined> =>
  copies.endPage(`${chat} ${seq} behind ${after}`, last, runtime.now() + CLAIMED_FOR);
