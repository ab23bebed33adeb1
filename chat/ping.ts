import type { ping as command, ReplyOf } from '../protocol/index.ts';
import { timestamp } from './entries.ts';
import type { Runtime } from './ports.ts';

/** The service's time. */
export const ping = (runtime: Runtime): ReplyOf<typeof command> => ({ timestamp: timestamp(runtime.now()) });
