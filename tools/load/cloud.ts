// A local cloud in memory, in a separate process, so that it doesn't share an event loop with the load.
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';

// Ctrl-C reaches the whole process group, but the parent still needs this process.
process.on('SIGINT', () => {});
process.once('disconnect', () => process.exit(0));
const { url } = await startCloud({ assembly: await ensureAssembly(), port: 0 });
process.send?.({ url });
