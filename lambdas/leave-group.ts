import * as rules from '../chat/groups.ts';
import { leaveGroup } from '../protocol/index.ts';
import { connections, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';

const ports = { connections, members, names };

export const run = priced(leaveGroup, (request, caller) => rules.leaveGroup(ports, request, caller));

export const handler = inBand(leaveGroup, run);
