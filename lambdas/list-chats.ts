import * as rules from '../chat/list-chats.ts';
import { listChats } from '../protocol/index.ts';
import { connections, history, members } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';

const ports = { connections, history, members };

export const run = priced(listChats, (request, caller) => rules.listChats(ports, request, caller));

export const handler = inBand(listChats, run);
