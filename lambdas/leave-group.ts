import * as rules from '../chat/groups.ts';
import { leaveGroup } from '../protocol/index.ts';
import { connections, members, names } from './ports.ts';
import { inBand, type Run } from './route.ts';

const ports = { connections, members, names };

export const run: Run<typeof leaveGroup> = (request, caller) => rules.leaveGroup(ports, request, caller);

export const handler = inBand(leaveGroup, run);
