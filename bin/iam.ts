import { parseArgs } from 'node:util';
import { type Grant, grantsOf } from '../local/iam.ts';
import { ensureAssembly } from '../local/synth.ts';
import { readTemplate } from '../local/template/read.ts';
import { pair } from './flags.ts';

const HELP = `Prints who may do what: every right of every function, as the template gives it.

  npm run iam -- [options]

  -c KEY=VALUE  context for the CDK app, as in cdk deploy -c; may be repeated
  --json        one object for each right, as JSON
  --help        print this`;

const { values } = parseArgs({
  options: {
    context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** `arn:aws:dynamodb:…:table/Names8B2C83D9` is `Names` to a person. */
const short = (resource: string): string =>
  resource
    .replace(/^arn:aws:[^:]*:[^:]*:[^:]*:/, '')
    .replace(/^table\//, '')
    .replace(/(?<=[A-Za-z])[0-9A-F]{8}(?=\/|$)/, '');

/** A line for each function and resource. */
function linesOf(grants: readonly Grant[]): string[] {
  const rows = new Map<string, string[]>();
  for (const { function: who, action, resource } of grants) {
    const key = `${who}\t${short(resource)}`;
    rows.set(key, [...(rows.get(key) ?? []), action.split(':')[1] ?? action]);
  }
  const cells = [...rows].map(([key, actions]) => [...key.split('\t'), actions.join(', ')]);
  const widths = [0, 1].map((column) => Math.max(0, ...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map(([who = '', what = '', actions = ''], index) => {
    const isSame = index > 0 && cells[index - 1]?.[0] === who;
    return `${(isSame ? '' : who).padEnd(widths[0] ?? 0)}  ${what.padEnd(widths[1] ?? 0)}  ${actions}`;
  });
}

if (values.help) {
  console.log(HELP);
} else {
  const context = Object.fromEntries(values.context.map(pair));
  const model = readTemplate(await ensureAssembly({ context }), 'http://localhost');
  const grants = grantsOf(model.functions);
  console.log(values.json ? JSON.stringify(grants, null, 2) : linesOf(grants).join('\n'));
  // What none of the above needs a right for.
  const without = model.functions.filter(({ name }) => !grants.some((grant) => grant.function === name));
  if (!values.json)
    console.log(`\nNo rights but their own log: ${without.map(({ name }) => name).join(', ')}`);
}
