import * as rules from '../chat/logout.ts';
import { logout } from '../protocol/index.ts';
import { connections, inboxes, sessions } from './ports.ts';
import { inBand, type Run } from './route.ts';

export const run: Run<typeof logout> = (request, caller) =>
  rules.logout({ connections, inboxes, sessions }, request, caller);

export const handler = inBand(logout, run);
