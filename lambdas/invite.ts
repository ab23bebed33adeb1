import * as rules from '../chat/own-groups.ts';
import { invite } from '../protocol/index.ts';
import { connections, gateway, inboxes, invitations, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, invitations, members, names, world };

export const run = priced(invite, (request, caller) => rules.invite(ports, request, caller));

export const handler = inBand(invite, run);
