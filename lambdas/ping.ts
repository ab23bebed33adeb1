import * as rules from '../chat/ping.ts';
import { ping } from '../protocol/index.ts';
import { connections, inboxes } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

const ports = { connections, inboxes, world };

export const run: Run<typeof ping> = (_, caller) => rules.ping(ports, caller);

export const handler = inBand(ping, run);
