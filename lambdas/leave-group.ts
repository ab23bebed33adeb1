import * as rules from '../chat/groups.ts';
import { leaveGroup } from '../protocol/index.ts';
import { connections, gateway, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, members, names, world };

export const run = priced(leaveGroup, (request, caller) => rules.leaveGroup(ports, request, caller));

export const handler = inBand(leaveGroup, run);
