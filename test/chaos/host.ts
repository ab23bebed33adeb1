// The process that is killed: the local cloud on one folder of data, with faults. It tells its parent where it
// listens, and every second what has gone wrong so far.
import { startCloud } from '../../local/cloud.ts';
import { readPlan } from '../../local/faults/plan.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { SMALL_SHARE } from '../support/small-share.ts';

const [data = '', port = '0', plan, seed = '1'] = process.argv.slice(2);
const errors: Record<string, number> = {};
const cloud = await startCloud({
  assembly: await ensureAssembly({ context: SMALL_SHARE }),
  port: Number(port),
  data,
  faults: plan ? readPlan(plan, Number(seed)) : undefined,
  log({ line }) {
    if (!line.includes('"level":"error"')) return;
    const { message } = JSON.parse(line) as { message: string };
    const kind = message.replace(/[\d.]+/g, 'N');
    errors[kind] = (errors[kind] ?? 0) + 1;
  },
});
process.send?.({ ready: true });
setInterval(async () => process.send?.({ faults: await cloud.faultCounts(), errors }), 500);
process.once('disconnect', () => process.exit(0));
