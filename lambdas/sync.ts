import * as rules from '../chat/sync.ts';
import { sync } from '../protocol/index.ts';
import { connections, history, inboxes, members, overflow } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';

const ports = { connections, history, inboxes, members, overflow };

export const run = priced(sync, (request, caller) => rules.sync(ports, request, caller));

export const handler = inBand(sync, run);
