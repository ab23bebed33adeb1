import * as rules from '../chat/own-groups.ts';
import { removeMember } from '../protocol/index.ts';
import { connections, gateway, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, members, names, world };

export const run = priced(removeMember, (request, caller) => rules.removeMember(ports, request, caller));

export const handler = inBand(removeMember, run);
