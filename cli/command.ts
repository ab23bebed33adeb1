import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A flag and its line in `--help`. `T` is the type of its value. */
export interface Flag<T> {
  /** The placeholder for its value in the help, like `FILE`; absent for a flag without a value. */
  placeholder?: string;
  /** Its description in the help, in one line or several. */
  description: string;
  /** A letter to use instead of the name. */
  short?: string;
  /** Whether it may be repeated. */
  multiple?: boolean;
  /** Its default. */
  default: T;
  /** @throws Error that completes "--flag TEXT: …" */
  read(text: string): T;
}

type Flags = Record<string, Flag<unknown>>;
/** The values of the flags. */
export type Values<F extends Flags> = { [K in keyof F]: F[K]['default'] };

/** A command line program. */
export interface Command<F extends Flags> {
  /** How to start it, like `npm run load`. */
  name: string;
  /** What it does, for the top of the help. */
  about: string;
  /** Its positional arguments, like `NAME [URL]`; absent if it has none. */
  takes?: string;
  /** Names in camel case: `groupSize` is `--group-size`. */
  flags: F;
  /** Text below the flags. */
  notes?: string;
}

/** A mistake in the command line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A flag without a value. */
export const toggle = (description: string): Flag<boolean> => ({
  description,
  default: false,
  read: () => true,
});

/** A flag whose value `read` parses. */
export const value = <T, const S = undefined>(
  placeholder: string,
  description: string,
  read: (text: string) => T,
  byDefault?: S,
): Flag<T | S> => ({ placeholder, description, read, default: byDefault as S });

/** A flag that takes any text. */
export const text = <const S extends string | undefined = undefined>(
  placeholder: string,
  description: string,
  byDefault?: S,
): Flag<string | S> => value(placeholder, description, String, byDefault);

interface Range {
  min: number;
  max: number;
  whole?: boolean;
}

/** A flag that takes a number. */
export const number = <const S extends number | undefined = undefined>(
  description: string,
  { default: byDefault, ...range }: Range & { default?: S },
): Flag<number | S> => value('N', description, (given) => numberIn(range, given), byDefault as S);

function numberIn({ min, max, whole = false }: Range, given: string): number {
  const number = given.trim() === '' ? Number.NaN : Number(given);
  if (number >= min && number <= max && (!whole || Number.isInteger(number))) return number;
  const what = whole ? 'a whole number' : 'a number';
  throw new Error(`must be ${what} from ${min} to ${max.toLocaleString('en-US')}`);
}

/** The seed of random choices. */
export const seed = (of: string): Flag<number> =>
  number(`seed of ${of}: the same seed makes the same choices`, {
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
    default: 1,
  });

/** A flag that may be repeated. */
export const repeatable = <T>(
  placeholder: string,
  description: string,
  read: (text: string) => T,
): Flag<T[]> => ({
  placeholder,
  description: `${description}; may be repeated`,
  multiple: true,
  default: [],
  read: (given) => [read(given)],
});

/** Context of the CDK app. */
export const context = (
  description = 'context of the CDK app, as in cdk deploy -c',
): Flag<[string, string][]> => ({
  ...repeatable('KEY=VALUE', description, pair),
  short: 'c',
});

function pair(given: string): [string, string] {
  const [, key, rest] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (key === undefined || rest === undefined) throw new Error('must be key=value');
  return [key, rest];
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const flagName = (name: string, { short }: Flag<unknown>): string =>
  short ? `-${short}` : `--${kebab(name)}`;

/** Returns the text of `--help`. */
export function helpOf({ name, about, takes, flags, notes }: Command<Flags>): string {
  const all = { ...flags, help: toggle('print this') };
  const rows = Object.entries(all).map(([key, flag]) => {
    const { placeholder, description, default: byDefault } = flag;
    const showsDefault = typeof byDefault === 'number' || typeof byDefault === 'string';
    return [
      [flagName(key, flag), placeholder].filter(Boolean).join(' '),
      showsDefault ? `${description} (${byDefault})` : description,
    ] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(
    ([left, right]) => `  ${left.padEnd(width)}${right.replace(/\n/g, `\n${' '.repeat(width + 2)}`)}`,
  );
  const start = [name, ...(name.startsWith('npm') ? ['--'] : []), takes, '[options]']
    .filter(Boolean)
    .join(' ');
  return [about, `  ${start}`, lines.join('\n'), notes].filter(Boolean).join('\n\n');
}

/** A parsed command line. */
export interface Parsed<F extends Flags> {
  values: Values<F>;
  /** Positional arguments. */
  rest: string[];
  help: boolean;
}

/** @throws UsageError with a one-line message */
export function parseCommand<F extends Flags>(
  { flags, takes }: Pick<Command<F>, 'flags' | 'takes'>,
  args: readonly string[],
): Parsed<F> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { placeholder, short, multiple = false }] of Object.entries(flags))
    options[kebab(name)] = { type: placeholder ? 'string' : 'boolean', multiple, ...(short && { short }) };
  const parsed = parsedBy({ options, args: [...args], allowPositionals: takes !== undefined });
  const values = Object.entries(flags).map(([name, flag]) => {
    const given = [parsed.values[kebab(name)] ?? []].flat();
    const read = given.map((each) => readFlag(name, flag, String(each)));
    return [name, flag.multiple ? read.flat() : read.length > 0 ? read[0] : flag.default];
  });
  const help = parsed.values.help === true;
  return { values: Object.fromEntries(values) as Values<F>, rest: parsed.positionals, help };
}

function parsedBy(config: ParseArgsConfig) {
  try {
    return parseArgs(config);
  } catch (error) {
    // Drop Node's further sentences, which are about quoting.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function readFlag<T>(name: string, flag: Flag<T>, given: string): T {
  try {
    return flag.read(given);
  } catch (error) {
    throw new UsageError(`${flagName(name, flag)} ${given}: ${(error as Error).message}`);
  }
}

/** Like `parseCommand`, but prints the help and exits, or exits with 2 for a mistake. */
export function parseOrExit<F extends Flags>(command: Command<F>): Omit<Parsed<F>, 'help'> {
  try {
    const { help, ...rest } = parseCommand(command, process.argv.slice(2));
    if (!help) return rest;
    console.log(helpOf(command));
    process.exit(0);
  } catch (error) {
    return fail(command, error);
  }
}

/** Runs a program. Exits with the code that `main` returns, or with 1 and one line if it throws. */
export async function run<F extends Flags>(
  command: Command<F>,
  main: (values: Values<F>, rest: string[]) => unknown,
): Promise<void> {
  const { values, rest } = parseOrExit(command);
  try {
    const code = await main(values, rest);
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    fail(command, error);
  }
}

/** Exits with one line that description why: with 2 for a mistake in the command line, otherwise with 1. */
export function fail({ name }: Pick<Command<Flags>, 'name'>, error: unknown): never {
  // A bug of ours needs its stack.
  console.error(
    error instanceof TypeError || error instanceof ReferenceError ? error : (error as Error).message,
  );
  if (!(error instanceof UsageError)) process.exit(1);
  console.error(`Try: ${name}${separator(name)} --help`);
  process.exit(2);
}

/** npm needs `--` before a script's own flags. */
const separator = (name: string): string => (name.startsWith('npm ') ? ' --' : '');
