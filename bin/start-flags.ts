import { isIP } from 'node:net';
import { context, many, number, seed, text, toggle, type Values, value } from '../cli/command.ts';
import { type FaultPlan, readPlan } from '../local/faults/plan.ts';
import type { AccountRates } from '../local/gateway/throttles.ts';

export const command = {
  name: 'npm start',
  about: 'Runs the whole service on this machine, from the same template that deploys.',
  flags: {
    port: number('where to listen', { least: 0, most: 65_535, whole: true, standard: 3001 }),
    host: text('ADDRESS', 'on which address or name; localhost is 127.0.0.1 and ::1', 'localhost'),
    allowHost: many('NAME', 'answer to this name, too: that of a proxy or a tunnel', hostOf),
    allowOrigin: many('ORIGIN', 'let pages of this origin, as https://chat.example, use it', originOf),
    data: text('DIR', 'where the data is kept', '.chat'),
    acceptDamage: toggle('go on with what is readable of damaged data; a copy of all is kept beside it'),
    memory: toggle('keep the data in memory instead'),
    context: context(),
    throttle: value(
      'RATE,BURST',
      'frames and posts that the account takes, a second and at once (10000,5000); off: any number',
      throttlingOf,
      throttlingOf('10000,5000'),
    ),
    faults: value('LIST', 'what goes wrong, as throttle=0.05,kill=0.01; help lists the kinds', faultsOf),
    seed: seed('the faults'),
    stats: toggle('say every few seconds what happened, as the functions measured it'),
    json: toggle("print the functions' logs as they are"),
  },
};

/** Who may use it from a browser, as far as flags tell. */
export const visitorsOf = ({ host, allowHost, allowOrigin }: Values<typeof command.flags>) => ({
  hosts: [...allowHost, ...(isIP(host) ? [] : [host.toLowerCase()])],
  origins: allowOrigin,
});

/** What goes wrong, with any seed. */
function faultsOf(given: string): FaultPlan | 'help' {
  return given === 'help' ? given : readPlan(given, 1);
}

/** What the account takes; absent, nothing is throttled, by the stage and its routes neither. */
function throttlingOf(given: string): AccountRates | undefined {
  if (given === 'off') return undefined;
  const [, rate, burst] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(given) ?? [];
  if (!Number(rate) || !Number(burst)) throw new Error('must be like 10000,5000, both above 0, or off');
  return { account: { rate: Number(rate), burst: Number(burst) } };
}

function hostOf(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error('must be a name, as chat.example');
  return name.toLowerCase();
}

function originOf(origin: string): string {
  // `null` is the origin of a file that is opened in a browser, and of every page that hides its own.
  if (!/^(https?:\/\/[\w.:[\]-]+|null)$/.test(origin))
    throw new Error('must be like https://chat.example, or null for files');
  return origin;
}
