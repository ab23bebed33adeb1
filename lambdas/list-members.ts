import * as rules from '../chat/list-members.ts';
import { listMembers } from '../protocol/index.ts';
import { connections, gateway, inboxes, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, members, names, world };

export const run = priced(listMembers, (request, caller) => rules.listMembers(ports, request, caller));

export const handler = inBand(listMembers, run);
