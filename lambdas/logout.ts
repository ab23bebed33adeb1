import * as rules from '../chat/logout.ts';
import { logout } from '../protocol/index.ts';
import { connections, inboxes } from './ports.ts';
import { inBand, type Run } from './route.ts';

export const run: Run<typeof logout> = (_, caller) => rules.logout({ connections, inboxes }, caller);

export const handler = inBand(logout, run);
