import type { ping as command, ReplyOf } from '../protocol/index.ts';
import { timestamp } from './entries.ts';
import type { World } from './ports.ts';

/** The service's time. */
export const ping = (world: World): ReplyOf<typeof command> => ({ timestamp: timestamp(world.now()) });
