import type { Capacity } from '../../store/documents.ts';
import { currentInvocation } from './invocation.ts';

/** What AWS takes, in millionths of a dollar (tools/cost/prices.ts, which a test compares). */
export const COST = { post: 1, write: 0.625, read: 0.125 } as const;

/** One unit of a price (protocol/command.ts) pays for so many millionths of a dollar. */
export const PAID_BY_ONE = 10;

// API Gateway counts a longer message once for each 32 KB begun.
const POST_BYTES = 32 * 1024;

/** Notes that a frame is posted. */
export function spendPost(frame: string): void {
  currentInvocation().spent += COST.post * Math.ceil(Buffer.byteLength(frame) / POST_BYTES);
}

/** Notes that the gateway is asked about a connection: its price list does not say what that costs, so it is as a post. */
export function spendLook(): void {
  currentInvocation().spent += COST.post;
}

/** Notes what a call of the database consumed. */
export function spendUnits({ read, write }: Capacity): void {
  currentInvocation().spent += COST.read * read + COST.write * write;
}
