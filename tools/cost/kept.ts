import { DAYS, type Load } from './load.ts';
import type { Measures } from './measures.ts';
import { sum, type Usage } from './usage.ts';

export const KB = 1_024;
export const GB = 1e9;
// Per message: DynamoDB's indexing overhead, and all fields but the content.
const INDEX_BYTES = 100;
const FIELD_BYTES = 150;
// Per user: name, inbox, two member rows with their index entries, a session.
const USER_BYTES = 2_048;
// CloudWatch's pricing examples assume that stored logs compress to a fifth.
const LOG_COMPRESSION = 0.2;
/** Milliseconds by which a post that wasn't counted lengthens an invocation. It took 0.1 to 1 ms of CPU here (`npm run bench:posts`). */
export const POST_MS = 0.5;

/** The messages sent in a month. */
export const sent = (load: Load): number => load.users * load.messages * DAYS;

/** The size of a stored message, as read and write units count it. */
export const itemBytes = ({ bytes }: Load): number => bytes + FIELD_BYTES;

/** The stored data at the end: users, and the messages of each month. */
export function stored(load: Load, messages: number): Usage {
  const bytes = load.users * USER_BYTES + messages * load.kept * (itemBytes(load) + INDEX_BYTES);
  return { stored: bytes / GB, backedUp: bytes / GB };
}

/** Adds stored logs, custom metrics, and the template's fixed usage. */
export function withFixed(usage: Usage, { fixed, metrics }: Measures): Usage {
  const logsKept = (usage.logged ?? 0) * LOG_COMPRESSION * fixed.logMonths;
  return sum(usage, fixed.usage, { logsKept, metrics });
}

/** The usage without any activity: stored users and messages, and the template's fixed usage. */
export const idle = (load: Load, { fixed }: Measures): Usage => sum(fixed.usage, stored(load, sent(load)));
