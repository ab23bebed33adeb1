import { createHash } from 'node:crypto';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Context } from 'aws-lambda';
import { currentInvocation } from './invocation.ts';
import { once } from './once.ts';

export type Level = 'info' | 'warn' | 'error';

/** What is asked for when a line is looked at; the rest that Powertools could add is the same on each line, and paid by the byte. */
class ShortLines extends LogFormatter {
  formatAttributes({ logLevel, message, timestamp }: UnformattedAttributes, more: LogAttributes): LogItem {
    const attributes = { level: logLevel.toLowerCase(), message, timestamp: timestamp.toISOString() };
    return new LogItem({ attributes }).addAttributes(more);
  }
}

// The level is given, as Powertools ignores an environment whose level is not in capitals. Without one it is `info`.
const logger = /* @__PURE__ */ once(
  () => new Logger({ logFormatter: new ShortLines(), logLevel: process.env.LOG_LEVEL as Level | undefined }),
);

/** Makes the logger while the function starts, so that its first request doesn't wait for that. */
export const openLog = (): void => void logger();

// Of this instance: its first invocation waited for it to start, unless it was started beforehand.
const isCold = /* @__PURE__ */ once(() => ({
  next: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'on-demand',
}));

/** From here on the lines of this invocation carry its id. */
export function startLines({ awsRequestId }: Context): void {
  addLogFields({ cold_start: isCold().next, request_id: awsRequestId });
  isCold().next = false;
}

/** Adds fields to every further line of this invocation. */
export const addLogFields = (fields: LogAttributes): void =>
  void Object.assign(currentInvocation().logFields, fields);

/** One line of JSON, which CloudWatch takes as it is. Never put content or secrets in it. */
export const log = (level: Level, message: string, fields: LogAttributes): void =>
  logger()[level](message, { ...currentInvocation().logFields, ...fields });

/** What stands for a user in logs: the same for all lines of one, and not their name. 72 bits of SHA-256. */
export const pseudonym = (username: string): string =>
  createHash('sha256').update(username).digest('base64url').slice(0, 12);

/** An error with its stack and its causes, as fields of a log line; no more, as AWS errors carry items with content. */
export function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) };
}
