import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { readPlan } from '../local/faults/plan.ts';
import type { AccountRates } from '../local/gateway/throttles.ts';
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
  --throttle RATE,BURST  frames and posts that the account takes, a second and at once (10000,5000); off: any number
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
  throttle: { type: 'string', default: '10000,5000' },
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
    origins: values['allow-origin'].map(originOf),
  };
  return { ...values, port, context, faults, explain, visitors, throttling: throttlingOf(values.throttle) };
}

/** What the account takes; absent, nothing is throttled, by the stage and its routes neither. */
function throttlingOf(text: string): AccountRates | undefined {
  if (text === 'off') return undefined;
  const [, rate, burst] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(text) ?? [];
  if (!Number(rate) || !Number(burst))
    throw new Error(`--throttle ${text}: must be like 10000,5000, both above 0, or off`);
  return { account: { rate: Number(rate), burst: Number(burst) } };
}

function hostOf(name: string): string {
  if (!NAME.test(name)) throw new Error(`--allow-host ${name}: must be a name, as chat.example`);
  return name.toLowerCase();
}

function originOf(origin: string): string {
  if (!ORIGIN.test(origin))
    throw new Error(`--allow-origin ${origin}: must be like https://chat.example, or null for files`);
  return origin;
}
