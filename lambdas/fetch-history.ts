import * as rules from '../chat/fetch-history.ts';
import { fetchHistory } from '../protocol/index.ts';
import { connections, history, members, names } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';

const ports = { connections, history, members, names };

export const run = priced(fetchHistory, (request, caller) => rules.fetchHistory(ports, request, caller));

export const handler = inBand(fetchHistory, run);
