import { createHash } from 'node:crypto';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Context } from 'aws-lambda';

export type Level = 'info' | 'warn' | 'error';

/** What is asked for when a line is looked at; the rest that Powertools could add is the same on each line, and paid by the byte. */
class ShortLines extends LogFormatter {
  formatAttributes({ logLevel, ...line }: UnformattedAttributes, more: LogAttributes): LogItem {
    const attributes = {
      level: logLevel.toLowerCase(),
      message: line.message,
      timestamp: line.timestamp.toISOString(),
      cold_start: line.lambdaContext?.coldStart,
      request_id: line.lambdaContext?.awsRequestId,
    };
    return new LogItem({ attributes }).addAttributes(more);
  }
}

// Given, as Powertools takes no notice of an environment whose level is not in capitals. Without one it is `info`.
const logLevel = process.env.LOG_LEVEL as Level | undefined;
const logger = new Logger({ logFormatter: new ShortLines(), logLevel });

/** An invocation begins: from here on its lines carry its id, and what `know` adds. */
export function beginLog(context: Context): void {
  logger.resetKeys();
  logger.addContext(context);
}

/** Fields for every further line of this invocation. */
export const know = (fields: Record<string, string>): void => logger.appendKeys(fields);

/** One line of JSON, which CloudWatch takes as it is. Never put content or secrets in it. */
export const log = (level: Level, message: string, fields: LogAttributes): void =>
  logger[level](message, fields);

/** What stands for a user in logs: the same for all lines of one, and not their name. 72 bits of SHA-256. */
export const pseudonym = (username: string): string =>
  createHash('sha256').update(username).digest('base64url').slice(0, 12);

/** An error with its stack and its causes, as fields of a log line; no more, as AWS errors carry items with content. */
export function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) };
}
