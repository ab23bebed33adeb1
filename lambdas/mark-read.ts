import * as rules from '../chat/mark-read.ts';
import { markRead } from '../protocol/index.ts';
import { connections, gateway, history, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, history, inboxes, members, names, world };

export const run = priced(markRead, (request, caller) => rules.markRead(ports, request, caller));

export const handler = inBand(markRead, run);
