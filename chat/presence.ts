import { CONNECTION_LIFE } from './deliver.ts';
import type { Inbox, Millis } from './ports.ts';

/** Whether somebody is there: a connection that API Gateway must have ended by now does not count. */
export const isOnline = (inbox: Inbox | undefined, now: Millis): boolean =>
  [...(inbox?.connections.values() ?? [])].some(({ since }) => now - since <= CONNECTION_LIFE);
