import { kinds, propName } from '../lib/props.ts';
import { type Setting, settings } from '../lib/settings.ts';

const all = Object.entries(settings as Readonly<Record<string, Setting>>);

const HEAD = ['`-c`', 'as a prop', 'what it sets', 'default'];
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;

/** A setting's default, like `` `1`, in prod `8` ``. */
const defaultOf = ({ default: byDefault, prod }: Setting): string =>
  [code(byDefault), ...(prod === undefined ? [] : [`in prod ${code(prod)}`])].join(', ');

/** docs/settings.md with the table of the service's settings in it. @throws Error if it has no place for it */
export function withSettingsTable(page: string): string {
  const rows = all.map(([name, setting]) => {
    const prop = propName(name, setting);
    const type = code(kinds[setting.format.kind].type);
    return row([
      code(name),
      prop === name ? type : `${code(prop)}: ${type}`,
      setting.doc,
      defaultOf(setting),
    ]);
  });
  const lines = page.split('\n');
  const first = lines.indexOf(row(HEAD));
  const last = lines.indexOf('', first);
  if (first === -1 || last === -1) throw new Error('docs/settings.md has no table of settings');
  const table = [row(HEAD), row(HEAD.map(() => '---')), ...rows];
  return [...lines.slice(0, first), ...table, ...lines.slice(last)].join('\n');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The source of lib/settings-props.ts. */
export function settingsProps(): string {
  const props = all.map(([name, setting]) => {
    const doc = capital(setting.doc).replaceAll('*/', '*\\/');
    return `
  /**
   * ${doc}.
   * @default ${defaultOf(setting).replaceAll('`', '')}
   */
  readonly ${propName(name, setting)}?: ${kinds[setting.format.kind].type};`;
  });
  return `// Generated from lib/settings.ts by \`npm run docs\`.
import type { Duration } from 'aws-cdk-lib';
import type { Rate } from './rate.ts';

/** The settings of the service, each with its default. A rate and its burst are a leaky bucket. */
export interface ParleySettings {${props.join('\n').slice(0)}
}
`;
}
