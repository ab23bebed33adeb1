import { Duration, Token } from 'aws-cdk-lib';
import type { Given, Source } from './config.ts';
import { Rate } from './rate.ts';
import { type Kind, type Setting, settings } from './settings.ts';
import type { ParleySettings } from './settings-props.ts';

/** A kind of value as a prop: its type in TypeScript, and how it is read from and written as text. */
interface PropKind<T> {
  /** The type, for lib/settings-props.ts. */
  type: string;
  parse(text: string): T;
  text(value: T): string;
}

const kind = <T>(of: PropKind<T>): PropKind<T> => of;

const UNITS = { s: Rate.perSecond, m: Rate.perMinute, h: Rate.perHour } as const;

const parseRate = (text: string): Rate => {
  const [count, unit = 's'] = text.split('/');
  return UNITS[unit as keyof typeof UNITS](Number(count));
};

const DAY_MS = 24 * 60 * 60_000;

const days = kind<Duration>({
  type: 'Duration',
  parse: (text) => Duration.millis(Math.round(Number(text) * DAY_MS)),
  text: (value) => String(value.toDays({ integral: false })),
});

/** The kinds of values. What a prop leaves undefined has its default, which is `off` where no prop says so. */
export const kinds = {
  rate: kind<Rate | 'off'>({
    type: "Rate | 'off'",
    parse: (text) => (text === 'off' ? text : parseRate(text)),
    text: String,
  }),
  count: kind<number>({ type: 'number', parse: Number, text: String }),
  countOrOff: kind<number | 'off'>({
    type: "number | 'off'",
    parse: (text) => (text === 'off' ? text : Number(text)),
    text: String,
  }),
  days,
  daysOrOff: days,
  origins: kind<readonly string[]>({
    type: 'readonly string[]',
    parse: (text) => text.split(','),
    text: (value) => value.join(','),
  }),
  text: kind<string>({ type: 'string', parse: String, text: String }),
  logLevel: kind<'info' | 'warn' | 'error'>({
    type: "'info' | 'warn' | 'error'",
    parse: (text) => text as 'info' | 'warn' | 'error',
    text: String,
  }),
  passwords: kind<'optional' | 'required'>({
    type: "'optional' | 'required'",
    parse: (text) => text as 'optional' | 'required',
    text: String,
  }),
  registration: kind<'open' | 'closed'>({
    type: "'open' | 'closed'",
    parse: (text) => text as 'open' | 'closed',
    text: String,
  }),
} satisfies Record<Kind, unknown>;

type Settings = typeof settings;
type Name = keyof Settings;
type PropName<N extends Name> = Settings[N] extends { prop: infer P extends string } ? P : N;
type ValueOf<N extends Name> = ReturnType<(typeof kinds)[Settings[N]['format']['kind']]['parse']>;
/** The props as the settings define them. */
type Defined = { readonly [N in Name as PropName<N>]?: ValueOf<N> };

// Fails to compile if lib/settings-props.ts has others: `npm run docs` writes it.
const complete: Equal<Required<Defined>, Required<ParleySettings>> = true;
void complete;
type Equal<A, B> = [A, B] extends [B, A] ? true : false;

/** The name of a setting's prop. */
export const propName = (name: string, { prop }: Setting): keyof ParleySettings =>
  (prop ?? name) as keyof ParleySettings;

const kindOf = ({ format }: Setting): PropKind<unknown> => kinds[format.kind] as PropKind<unknown>;

/** The settings among the props, as text. */
export function givenBy(props: ParleySettings): Given {
  return (name) => {
    const setting = settings[name as Name];
    const value = props[propName(name, setting)];
    return value === undefined ? undefined : kindOf(setting).text(value);
  };
}

/** The props that valid settings say. */
export const propsOf = (given: Given): ParleySettings =>
  Object.fromEntries(
    (Object.entries(settings) as [Name, Setting][]).flatMap(([name, setting]) => {
      const text = given(name);
      // What is off because nobody set it can also be set to that.
      if (text === undefined || (text === 'off' && setting.default === 'off')) return [];
      return [[propName(name, setting), kindOf(setting).parse(String(text))]];
    }),
  );

/** Settings as props. */
export const asProps: Source = {
  called: (name) => (name in settings ? propName(name, settings[name as Name]) : name),
  isUnresolved: (value) => Token.isUnresolved(value),
};
