import * as rules from '../chat/groups.ts';
import { joinGroup } from '../protocol/index.ts';
import { connections, history, members, names } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

const ports = { connections, history, members, names, world };

export const run: Run<typeof joinGroup> = (request, caller) => rules.joinGroup(ports, request, caller);

export const handler = inBand(joinGroup, run);
