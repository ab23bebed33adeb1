// The process that is killed: the local cloud on one folder of data, with faults. It tells its parent where it
// listens, and every second what has gone wrong so far. What must outlive it is in a folder of notes: what the gateway
// took, and what functions said of messages to large groups.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud } from '../../local/cloud.ts';
import { readPlan } from '../../local/faults/plan.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { SMALL_PAGE } from '../support/small-page.ts';
import { idsIn, SAID, TAKEN } from './notes.ts';
import type { Taken } from './record.ts';

const [data = '', port = '0', notes = '', plan, seed = '1'] = process.argv.slice(2);
const note = (file: string, line: string) => appendFileSync(join(notes, file), `${line}\n`);
const errors: Record<string, number> = {};
const cloud = await startCloud({
  assembly: await ensureAssembly({ context: SMALL_PAGE }),
  port: Number(port),
  data,
  faults: plan ? readPlan(plan, Number(seed)) : undefined,
  taken({ identity }, data) {
    const message_ids = idsIn(JSON.parse(data.toString()));
    if (message_ids.length > 0)
      note(TAKEN, JSON.stringify({ session: identity.userAgent, message_ids } satisfies Taken));
  },
  log({ line }) {
    if (/"message":"(fan-out|put off)"/.test(line)) note(SAID, line.trim());
    if (!line.includes('"level":"error"')) return;
    const { message } = JSON.parse(line) as { message: string };
    const kind = message.replace(/[\d.]+/g, 'N');
    errors[kind] = (errors[kind] ?? 0) + 1;
  },
});
process.send?.({ ready: true });
setInterval(async () => process.send?.({ faults: await cloud.faultCounts(), errors }), 500);
process.once('disconnect', () => process.exit(0));
