import type { FanOut, Millis } from '../model.ts';
import type { Copies, FanOutQueue, Runtime } from '../ports.ts';

// Longer than SQS redelivers a message. A later redrive by hand sends the copy that already holds the claim.
const CLAIMED_FOR: Millis = 24 * 60 * 60 * 1000;

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
