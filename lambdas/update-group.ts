import * as rules from '../chat/own-groups.ts';
import { updateGroup } from '../protocol/index.ts';
import { connections, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';

const ports = { connections, members, names };

export const run = priced(updateGroup, (request, caller) => rules.updateGroup(ports, request, caller));

export const handler = inBand(updateGroup, run);
