import * as rules from '../chat/logout.ts';
import { logout } from '../protocol/index.ts';
import { connections, gateway, inboxes, sessions } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { secrets } from './secrets.ts';
import { world } from './world.ts';

const ports = { connections, gateway, inboxes, secrets, sessions, world };

export const run: Run<typeof logout> = (request, caller) => rules.logout(ports, request, caller);

export const handler = inBand(logout, run);
