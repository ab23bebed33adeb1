import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { readPlan } from '../local/faults/plan.ts';
import { pair } from './flags.ts';

export const HELP = `Runs the whole service on this machine, from the same template that deploys.

  npm start -- [options]

  --port N               where to listen (3001)
  --host ADDRESS         on which address (localhost: 127.0.0.1 and ::1)
  --allow-host NAME      answer to this name, too: that of a proxy or a tunnel; may be repeated
  --allow-origin ORIGIN  let pages of this origin, as https://chat.example, use it; may be repeated
  --data DIR             where the data is kept (.chat)
  --accept-damage        go on with what is readable of damaged data; a copy of all is kept beside it
  --memory               keep the data in memory instead
  -c KEY=VALUE           context for the CDK app, as in cdk deploy -c; may be repeated
  --faults LIST          what goes wrong, as throttle=0.05,kill=0.01; --faults help lists the kinds
  --seed N               of the faults: the same seed, the same choices (1)
  --stats                say every few seconds what happened, as the functions measured it
  --json                 print the functions' logs as they are
  --help                 print this`;

/** The flags, as `parseArgs` takes them. */
export const options = {
  port: { type: 'string', default: '3001' },
  host: { type: 'string', default: 'localhost' },
  'allow-host': { type: 'string', multiple: true, default: [] as string[] },
  'allow-origin': { type: 'string', multiple: true, default: [] as string[] },
  data: { type: 'string', default: '.chat' },
  'accept-damage': { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  faults: { type: 'string' },
  seed: { type: 'string', default: '1' },
  stats: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

// `null` is the origin of a file that is opened in a browser, and of every page that hides its own.
const ORIGIN = /^(https?:\/\/[\w.:[\]-]+|null)$/;
const NAME = /^[\w.-]+$/;

/** What `npm start` was asked. @throws Error that says what is wrong with it */
export function readFlags(args: readonly string[]) {
  const { values } = parseArgs({ options, args: [...args] });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port}: not a port`);
  const context = Object.fromEntries(values.context.map(pair));
  const explain = values.faults === 'help';
  const seed = Number(values.seed || Number.NaN);
  const faults = values.faults === undefined || explain ? undefined : readPlan(values.faults, seed);
  const visitors = {
    hosts: [...values['allow-host'].map(hostOf), ...(isIP(values.host) ? [] : [values.host.toLowerCase()])],
    origins: [...values['allow-origin'].map(originOf), ...allowedOrigins(context)],
  };
  return { ...values, port, context, faults, explain, visitors };
}

/** What the template allows in the cloud is allowed here. */
const allowedOrigins = ({ allowedOrigins: given = 'off' }: Record<string, string>): string[] =>
  given === 'off' ? [] : given.split(',');

function hostOf(name: string): string {
  if (!NAME.test(name)) throw new Error(`--allow-host ${name}: must be a name, as chat.example`);
  return name.toLowerCase();
}

function originOf(origin: string): string {
  if (!ORIGIN.test(origin))
    throw new Error(`--allow-origin ${origin}: must be like https://chat.example, or null for files`);
  return origin;
}
