import type { Capacity } from '../../store/documents.ts';
import { currentInvocation } from './invocation.ts';

/** AWS's prices, in millionths of a dollar. A test compares them with tools/cost/prices.ts. */
export const COST = { post: 1, write: 0.625, read: 0.125 } as const;

/** The cost that one unit of a price (protocol/command.ts) covers, in millionths of a dollar. */
export const PAID_BY_ONE = 10;

// API Gateway bills each started 32 KB as one message.
const POST_BYTES = 32 * 1024;

/** Adds the cost of a posted frame. */
export function spendPost(frame: string): void {
  currentInvocation().spent += COST.post * Math.ceil(Buffer.byteLength(frame) / POST_BYTES);
}

/** Adds the cost of checking a connection. AWS's price list doesn't name it, so it counts as a post. */
export function spendLook(): void {
  currentInvocation().spent += COST.post;
}

/** Adds the cost of a database call. */
export function spendUnits({ read, write }: Capacity): void {
  currentInvocation().spent += COST.read * read + COST.write * write;
}
