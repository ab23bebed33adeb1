import * as rules from '../chat/groups.ts';
import { joinGroup } from '../protocol/index.ts';
import { connections, gateway, history, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, history, inboxes, members, names, world };

export const run = priced(joinGroup, (request, caller) => rules.joinGroup(ports, request, caller));

export const handler = inBand(joinGroup, run);
