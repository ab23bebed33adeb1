import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import type { CloudModel } from '../../local/template/model.ts';
import { readTemplate } from '../../local/template/read.ts';
import { Counter } from './counter.ts';
import { Crowd, type Say } from './crowd.ts';
import { Logs } from './logs.ts';
import { Wire } from './wire.ts';

/** A local cloud in memory, and what counts in it. */
export interface InCloud {
  assembly: string;
  model: CloudModel;
  logs: Logs;
  counter: Counter;
  crowd: Crowd;
}

interface Options {
  /** CDK context, as in `cdk deploy -c key=value`. */
  context: Readonly<Record<string, string>>;
  /** The assumed duration of each invocation in milliseconds, instead of the measured one. */
  ms: number | undefined;
  say: Say;
}

/** Runs the deployed bundles on a local cloud in memory while something is counted there. */
export async function inCloud<R>(
  { context, ms, say }: Options,
  run: (cloud: InCloud) => Promise<R>,
): Promise<R> {
  const assembly = await ensureAssembly({ context, onStart: () => say('synthesizing the template') });
  const logs = new Logs();
  const cloud = await startCloud({ assembly, port: 0, log: logs.take });
  const wire = new Wire(cloud.url);
  try {
    const model = readTemplate(assembly, 'http://localhost');
    const counter = new Counter({ cloud, model, wire, logs, ms });
    return await run({ assembly, model, logs, counter, crowd: new Crowd(wire, say) });
  } finally {
    await wire.close();
    await cloud.close();
  }
}
