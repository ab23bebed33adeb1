import { isIP } from 'node:net';
import { called } from '../cli/called.ts';
import { context, number, repeatable, seed, text, toggle, type Values, value } from '../cli/command.ts';
import { PORT } from '../clients/server/running.ts';
import { type FaultPlan, readPlan } from '../local/faults/plan.ts';
import type { AccountRates } from '../local/gateway/throttles.ts';

export const command = {
  name: called('start'),
  about: 'Runs the whole service on this machine, from the CDK template that also deploys it.',
  flags: {
    port: number('port to listen on', { min: 0, max: 65_535, whole: true, default: PORT }),
    host: text('ADDRESS', 'address or name to listen on; localhost means 127.0.0.1 and ::1', 'localhost'),
    allowHost: repeatable(
      'NAME',
      'accept requests for this host name, such as that of a proxy or tunnel',
      hostOf,
    ),
    allowOrigin: repeatable('ORIGIN', 'accept web pages of this origin, like https://chat.example', originOf),
    data: text('DIR', 'directory of the data', '.chat'),
    acceptDamage: toggle(
      'start with the readable part of damaged data; a copy of all files is kept beside it',
    ),
    memory: toggle('keep the data in memory instead'),
    context: context(),
    throttle: value(
      'RATE,BURST',
      'account limit for frames and posts: rate per second and burst (10000,5000), or off',
      throttlingOf,
      throttlingOf('10000,5000'),
    ),
    events: value('URL', 'POST each event to this URL as JSON (docs/events.md)', urlOf),
    faults: value('LIST', 'faults to inject, like throttle=0.05,kill=0.01; "help" lists them', faultsOf),
    seed: seed('the faults'),
    stats: toggle('print what the functions measured every few seconds'),
    json: toggle("print the functions' logs as they are"),
  },
};

/** Who may use the service from a browser, by the flags. */
export const visitorsOf = ({ host, allowHost, allowOrigin }: Values<typeof command.flags>) => ({
  hosts: [...allowHost, ...(isIP(host) ? [] : [host.toLowerCase()])],
  origins: allowOrigin,
});

/** Reads the faults to inject; the seed is set later. */
function faultsOf(given: string): FaultPlan | 'help' {
  return given === 'help' ? given : readPlan(given, 1);
}

/** Reads the account's limits. Undefined turns off all throttling, of the stage and its routes too. */
function throttlingOf(given: string): AccountRates | undefined {
  if (given === 'off') return undefined;
  const [, rate, burst] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(given) ?? [];
  if (!Number(rate) || !Number(burst)) throw new Error('must be like 10000,5000, both above 0, or off');
  return { account: { rate: Number(rate), burst: Number(burst) } };
}

function urlOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error('must be like http://localhost:8080/events');
  return url.href;
}

function hostOf(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error('must be a host name, like chat.example');
  return name.toLowerCase();
}

function originOf(origin: string): string {
  // `null` is the origin of local files, and of every page that hides its origin.
  if (!/^(https?:\/\/[\w.:[\]-]+|null)$/.test(origin))
    throw new Error('must be like https://chat.example, or null for files');
  return origin;
}
