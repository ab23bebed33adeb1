export type Level = 'info' | 'warn' | 'error';

/** One line of JSON on standard output, which CloudWatch takes as it is. Never put content or secrets in it. */
export function log(level: Level, message: string, fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}

/** An error with its stack and its causes, as fields of a log line. */
export function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) };
}
