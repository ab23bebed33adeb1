// The process that chaos runs kill: the local cloud on one data folder, with faults. It tells its parent where it listens,
// and every second the faults so far. Whatever must survive the kill is in a folder of notes: what the gateway accepted, and
// the functions' log lines about messages to large groups.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud } from '../../local/cloud.ts';
import { readPlan } from '../../local/faults/plan.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { assemblyOf } from '../../local/template/assembly.ts';
import { SMALL_PAGE } from '../support/small-page.ts';
import { ACCEPTED, idsIn, LOGGED, POISONED } from './notes.ts';
import type { Accepted } from './record.ts';

const [data = '', port = '0', notes = '', plan, seed = '1', batchWindow = 'off', eventsTo] =
  process.argv.slice(2);
const note = (file: string, line: string) => appendFileSync(join(notes, file), `${line}\n`);
const errors: Record<string, number> = {};
const assembly = assemblyOf(
  await ensureAssembly({
    context: { ...SMALL_PAGE, batchWindow, ...(eventsTo !== undefined && { events: 'true' }) },
  }),
);
// What never succeeds is given up after seconds instead of minutes.
for (const { Properties = {} } of Object.values(assembly.template.Resources))
  if (Properties.MaximumRetryAttempts !== undefined) Properties.MaximumRetryAttempts = 5;
const cloud = await startCloud({
  assembly,
  eventsTo,
  port: Number(port),
  data,
  faults: plan ? readPlan(plan, Number(seed)) : undefined,
  accepted({ identity }, data) {
    const message_ids = idsIn(JSON.parse(data.toString()));
    if (message_ids.length > 0)
      note(ACCEPTED, JSON.stringify({ session: identity.userAgent, message_ids } satisfies Accepted));
  },
  log({ line }) {
    if (/"message":"(fan-out|requeued)"/.test(line)) note(LOGGED, line.trim());
    if (!line.includes('"level":"error"')) return;
    const { message } = JSON.parse(line) as { message: string };
    const kind = message.replace(/[\d.]+/g, 'N');
    errors[kind] = (errors[kind] ?? 0) + 1;
  },
});
// An entry without a time, which no event can be made of. Others come before and after it in the same shards.
if (eventsTo !== undefined && plan) {
  await cloud.fill('History', [
    { chat_id: 'nobody:poison', seq: Number(seed), id: 'x', sender: 'nobody', content: 'x' },
  ]);
  note(POISONED, '{}');
}
process.send?.({ ready: true });
setInterval(async () => process.send?.({ faults: await cloud.faultCounts(), errors }), 500);
process.once('disconnect', () => process.exit(0));
