import type { LogLine } from './lambda/instance.ts';

// ANSI colours; `styleText` of node:util is newer than the oldest supported Node.
const COLORS: Readonly<Record<string, number>> = { error: 31, warn: 33 };
const GRAY = 90;

const paint = (level: string, text: string): string =>
  process.stdout.isTTY ? `\u001b[${COLORS[level] ?? GRAY}m${text}\u001b[0m` : text;

/** Returns a printer of log lines: raw, or in a readable form with the stack of an error below. */
export function printer(raw: boolean): (line: LogLine) => void {
  return raw ? ({ line }) => console.log(line) : (line) => console.log(pretty(line));
}

function pretty({ function: name, line }: LogLine): string {
  const time = new Date().toISOString().slice(11, 23);
  const entry = entryOf(line);
  if (entry === undefined) return `${time} ${name} ${line}`;
  // Each printed line already starts with the time.
  const { level, message, error, stack, timestamp: _, ...fields } = entry;
  const text = Object.entries(fields)
    .filter(([, value]) => value !== false)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const head = paint(String(level), `${time} ${String(level).padEnd(5)}`);
  const below = [...stacksOf(error), ...(stack ? [String(stack)] : [])].map((each) => `\n${each}`).join('');
  return `${head} ${name}: ${String(message)} ${text}${below}`;
}

/** Parses a line as a JSON object; undefined if it is none. */
function entryOf(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The stack of an error and of its causes. */
function stacksOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message, cause } = error as { stack?: string; message?: string; cause?: unknown };
  return [String(stack ?? message), ...stacksOf(cause).map((each) => `caused by ${each}`)];
}
