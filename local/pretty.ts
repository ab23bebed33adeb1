import { styleText } from 'node:util';
import type { LogLine } from './lambda/instance.ts';

const COLORS: Readonly<Record<string, 'red' | 'yellow' | 'gray'>> = { error: 'red', warn: 'yellow' };

/** Prints what functions log: raw, or one readable line each, with the stack of an error below it. */
export function printer(raw: boolean): (line: LogLine) => void {
  return raw ? ({ line }) => console.log(line) : (line) => console.log(pretty(line));
}

function pretty({ function: name, line }: LogLine): string {
  const time = new Date().toISOString().slice(11, 23);
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return `${time} ${name} ${line}`;
  }
  const { level, message, error, stack, ...fields } = entry;
  const text = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const head = styleText(COLORS[String(level)] ?? 'gray', `${time} ${String(level).padEnd(5)}`);
  const below = [...stacksOf(error), ...(stack ? [String(stack)] : [])].map((each) => `\n${each}`).join('');
  return `${head} ${name}: ${String(message)} ${text}${below}`;
}

/** The stack of an error, and of what caused it. */
function stacksOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message, cause } = error as { stack?: string; message?: string; cause?: unknown };
  return [String(stack ?? message), ...stacksOf(cause).map((each) => `caused by ${each}`)];
}
