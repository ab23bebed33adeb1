import * as rules from '../chat/ping.ts';
import { ping } from '../protocol/index.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

export const run: Run<typeof ping> = async () => rules.ping(world);

export const handler = inBand(ping, run);
