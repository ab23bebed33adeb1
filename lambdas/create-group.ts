import * as rules from '../chat/groups.ts';
import { createGroup } from '../protocol/index.ts';
import { connections, creations, gateway, history, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, creations, gateway, history, inboxes, members, names, world };

export const run = priced(createGroup, (request, caller) => rules.createGroup(ports, request, caller));

export const handler = inBand(createGroup, run);
