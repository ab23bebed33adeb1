import * as rules from '../chat/typing.ts';
import { typing } from '../protocol/index.ts';
import { connections, gateway, inboxes, members, names, typings } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, members, names, typings, world };

export const run = priced(typing, (request, caller) => rules.typing(ports, request, caller));

export const handler = inBand(typing, run);
