// A local cloud in memory, in a process of its own, so that it and the load do not wait for each other's turns.
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';

// Ctrl-C reaches the whole group of processes; whoever started this one still needs it.
process.on('SIGINT', () => {});
process.once('disconnect', () => process.exit(0));
const { url } = await startCloud({ assembly: await ensureAssembly(), port: 0 });
process.send?.({ url });
