import * as rules from '../chat/presence.ts';
import { presence } from '../protocol/index.ts';
import { connections, gateway, inboxes } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, world };

export const run = priced(presence, (request, caller) => rules.presence(ports, request, caller));

export const handler = inBand(presence, run);
