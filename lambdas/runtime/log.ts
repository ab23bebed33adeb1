import { createHash } from 'node:crypto';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Context } from 'aws-lambda';
import { currentInvocation } from './invocation.ts';
import { once } from './once.ts';

export type Level = 'info' | 'warn' | 'error';

/** The fields that readers of a line need. The others that Powertools can add never vary, and each byte costs. */
class ShortLines extends LogFormatter {
  formatAttributes({ logLevel, message, timestamp }: UnformattedAttributes, more: LogAttributes): LogItem {
    const attributes = { level: logLevel.toLowerCase(), message, timestamp: timestamp.toISOString() };
    return new LogItem({ attributes }).addAttributes(more);
  }
}

// Set explicitly, because Powertools ignores a level in the environment that is not in capitals. Default: `info`.
const logger = /* @__PURE__ */ once(
  () => new Logger({ logFormatter: new ShortLines(), logLevel: process.env.LOG_LEVEL as Level | undefined }),
);

/** Creates the logger while the function starts, so that the first request doesn't wait for it. */
export const openLog = (): void => void logger();

// Whether this invocation waited for the instance to start; not so with provisioned concurrency.
const isCold = /* @__PURE__ */ once(() => ({
  next: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'on-demand',
}));

/** Adds the invocation's id to its log lines from here on. */
export function startLines({ awsRequestId }: Context): void {
  addLogFields({ cold_start: isCold().next, request_id: awsRequestId });
  isCold().next = false;
}

/** Adds fields to all further log lines of this invocation. */
export const addLogFields = (fields: LogAttributes): void =>
  void Object.assign(currentInvocation().logFields, fields);

/** Logs one line of JSON. Never put message content or secrets in it. */
export const log = (level: Level, message: string, fields: LogAttributes): void =>
  logger()[level](message, { ...currentInvocation().logFields, ...fields });

/** A user's pseudonym in logs, the same in all lines: 72 bits of SHA-256. */
export const pseudonym = (username: string): string =>
  createHash('sha256').update(username).digest('base64url').slice(0, 12);

/** An error with its stack and causes, as fields of a log line. AWS errors also carry items with content: leave those out. */
export function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) };
}
