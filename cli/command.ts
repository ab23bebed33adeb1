import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What one flag takes, and what `--help` says of it. `T` is what the command gets. */
export interface Flag<T> {
  /** What stands for its value in the help, like `FILE`; absent, it takes none. */
  sign?: string;
  /** One line or several. */
  says: string;
  /** One letter, shown instead of the name. */
  short?: string;
  /** Whether it may be repeated. */
  many?: boolean;
  /** What it is if it is not given. */
  standard: T;
  /** @throws Error that says what the text must be */
  read(text: string): T;
}

type Flags = Record<string, Flag<unknown>>;
/** What was asked for. */
export type Values<F extends Flags> = { [K in keyof F]: F[K]['standard'] };

/** A program, as its user sees it. */
export interface Command<F extends Flags> {
  /** How it is started, like `npm run load`. */
  name: string;
  /** What it does. */
  about: string;
  /** What it takes beside flags, like `NAME [URL]`; absent, nothing. */
  takes?: string;
  /** By their names in camel case: `groupSize` is `--group-size`. */
  flags: F;
  /** What stands under the flags. */
  notes?: string;
}

/** What is wrong with a command line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A flag that is there or not. */
export const toggle = (says: string): Flag<boolean> => ({ says, standard: false, read: () => true });

/** One that `read` understands. */
export const value = <T, const S = undefined>(
  sign: string,
  says: string,
  read: (text: string) => T,
  standard?: S,
): Flag<T | S> => ({ sign, says, read, standard: standard as S });

/** One that takes any text. */
export const text = <const S extends string | undefined = undefined>(
  sign: string,
  says: string,
  standard?: S,
): Flag<string | S> => value(sign, says, String, standard);

interface Range {
  least: number;
  most: number;
  whole?: boolean;
}

/** One that takes a number. */
export const number = <const S extends number | undefined = undefined>(
  says: string,
  { standard, ...range }: Range & { standard?: S },
): Flag<number | S> => value('N', says, (given) => numberIn(range, given), standard as S);

function numberIn({ least, most, whole = false }: Range, given: string): number {
  const number = given.trim() === '' ? Number.NaN : Number(given);
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
  const what = whole ? 'a whole number' : 'a number';
  throw new Error(`must be ${what} from ${least} to ${most.toLocaleString('en-US')}`);
}

/** Of random choices: the same seed, the same choices. */
export const seed = (of: string): Flag<number> =>
  number(`of ${of}: the same seed, the same choices`, {
    least: 0,
    most: 2 ** 32 - 1,
    whole: true,
    standard: 1,
  });

/** One that may be repeated. */
export const many = <T>(sign: string, says: string, read: (text: string) => T): Flag<T[]> => ({
  sign,
  says: `${says}; may be repeated`,
  many: true,
  standard: [],
  read: (given) => [read(given)],
});

/** Settings of the CDK app. */
export const context = (says = 'context for the CDK app, as in cdk deploy -c'): Flag<[string, string][]> => ({
  ...many('KEY=VALUE', says, pair),
  short: 'c',
});

function pair(given: string): [string, string] {
  const [, key, rest] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (key === undefined || rest === undefined) throw new Error('must be key=value');
  return [key, rest];
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const shown = (name: string, { short }: Flag<unknown>): string => (short ? `-${short}` : `--${kebab(name)}`);

/** What `--help` prints. */
export function helpOf({ name, about, takes, flags, notes }: Command<Flags>): string {
  const all = { ...flags, help: toggle('print this') };
  const rows = Object.entries(all).map(([key, flag]) => {
    const { sign, says, standard } = flag;
    const isTold = typeof standard === 'number' || typeof standard === 'string';
    return [
      [shown(key, flag), sign].filter(Boolean).join(' '),
      isTold ? `${says} (${standard})` : says,
    ] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(
    ([left, says]) => `  ${left.padEnd(width)}${says.replace(/\n/g, `\n${' '.repeat(width + 2)}`)}`,
  );
  const start = [name, ...(name.startsWith('npm') ? ['--'] : []), takes, '[options]']
    .filter(Boolean)
    .join(' ');
  return [about, `  ${start}`, lines.join('\n'), notes].filter(Boolean).join('\n\n');
}

/** What the command line asks for. */
export interface Asked<F extends Flags> {
  values: Values<F>;
  /** What is no flag. */
  rest: string[];
  help: boolean;
}

/** @throws UsageError that says in one line what is wrong */
export function readCommand<F extends Flags>(
  { flags, takes }: Pick<Command<F>, 'flags' | 'takes'>,
  args: readonly string[],
): Asked<F> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { sign, short, many = false }] of Object.entries(flags))
    options[kebab(name)] = { type: sign ? 'string' : 'boolean', multiple: many, ...(short && { short }) };
  const parsed = parsedBy({ options, args: [...args], allowPositionals: takes !== undefined });
  const values = Object.entries(flags).map(([name, flag]) => {
    const given = [parsed.values[kebab(name)] ?? []].flat();
    const read = given.map((each) => readFlag(name, flag, String(each)));
    return [name, flag.many ? read.flat() : read.length > 0 ? read[0] : flag.standard];
  });
  const help = parsed.values.help === true;
  return { values: Object.fromEntries(values) as Values<F>, rest: parsed.positionals, help };
}

function parsedBy(config: ParseArgsConfig) {
  try {
    return parseArgs(config);
  } catch (error) {
    // What follows is about quoting.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function readFlag<T>(name: string, flag: Flag<T>, given: string): T {
  try {
    return flag.read(given);
  } catch (error) {
    throw new UsageError(`${shown(name, flag)} ${given}: ${(error as Error).message}`);
  }
}

/** As `readCommand`; ends this process if help was asked for, or with 2 if it makes no sense. */
export function asked<F extends Flags>(command: Command<F>): Omit<Asked<F>, 'help'> {
  try {
    const { help, ...rest } = readCommand(command, process.argv.slice(2));
    if (!help) return rest;
    console.log(helpOf(command));
    process.exit(0);
  } catch (error) {
    return fail(command, error);
  }
}

/** Runs a program, which may return its exit code; if it fails, it ends with 1 and one line that says why. */
export async function run<F extends Flags>(
  command: Command<F>,
  main: (values: Values<F>, rest: string[]) => unknown,
): Promise<void> {
  const { values, rest } = asked(command);
  try {
    const code = await main(values, rest);
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    fail(command, error);
  }
}

/** Ends with one line that says why: with 2 for a command line that makes no sense, else with 1. */
export function fail({ name }: Pick<Command<Flags>, 'name'>, error: unknown): never {
  // A line does not explain what is a mistake of ours.
  console.error(
    error instanceof TypeError || error instanceof ReferenceError ? error : (error as Error).message,
  );
  if (!(error instanceof UsageError)) process.exit(1);
  console.error(`Try: ${name}${separator(name)} --help`);
  process.exit(2);
}

/** npm takes what comes before it for itself. */
const separator = (name: string): string => (name.startsWith('npm ') ? ' --' : '');
