import { parseArgs } from 'node:util';
import { grantsOf } from '../local/iam.ts';
import { rightsTable } from '../local/rights.ts';
import { ensureAssembly } from '../local/synth.ts';
import { readTemplate } from '../local/template/read.ts';
import { pair } from './flags.ts';

const HELP = `Prints who may do what: every right of every function, as the template gives it.

  npm run iam -- [options]

  -c KEY=VALUE  context for the CDK app, as in cdk deploy -c; may be repeated
  --json        one object for each function, action and resource, as JSON
  --help        print this`;

const options = {
  context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readFlags() {
  try {
    const { values } = parseArgs({ options });
    return { ...values, context: Object.fromEntries(values.context.map(pair)) };
  } catch (error) {
    console.error(`${(error as Error).message}\nTry: npm run iam -- --help`);
    return process.exit(2);
  }
}

const { help, json, context } = readFlags();
if (help) {
  console.log(HELP);
} else {
  const { functions } = readTemplate(await ensureAssembly({ context }), 'http://localhost');
  console.log(json ? JSON.stringify(grantsOf(functions), null, 2) : rightsTable(functions));
}
