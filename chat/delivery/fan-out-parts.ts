import type { FanOut, Millis } from '../model.ts';
import type { Copies, FanOutQueue, World } from '../ports.ts';

// Longer than the queue brings a message again; a person who does so later brings the very copy that claimed its part.
const CLAIMED_FOR: Millis = 24 * 60 * 60 * 1000;

/**
 * Sends a part of a fan-out to the queue, and again if that fails. What failed may be in the queue all the same, so each
 * sending is a copy of its own: one of them is done (`claimPart`).
 */
export async function sendPart(
  { fanOutQueue, world }: { fanOutQueue: FanOutQueue; world: World },
  part: Omit<FanOut, 'copy'>,
  why?: unknown,
): Promise<void> {
  const send = () => fanOutQueue.send({ ...part, copy: world.newId() }, why);
  await send().catch(send).catch(send);
}

/**
 * Whether this copy of a part is the one that is done: the first that asks, each time that the queue brings it. So
 * whatever is sent twice, also by a function that ran twice, does not go on twice.
 */
export const claimPart = (
  { copies, world }: { copies: Copies; world: World },
  { chat, seq, after = '', list = `behind ${after}`, tries = 0, copy }: FanOut,
): Promise<boolean> => copies.claim(`${chat} ${seq} ${list} ${tries}`, copy, world.now() + CLAIMED_FOR);
