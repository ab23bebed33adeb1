import * as rules from '../chat/logout.ts';
import { logout } from '../protocol/index.ts';
import { connections, inboxes, sessions } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

export const run: Run<typeof logout> = (request, caller) =>
  rules.logout({ connections, inboxes, sessions, world }, request, caller);

export const handler = inBand(logout, run);
