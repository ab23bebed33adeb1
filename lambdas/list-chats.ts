import * as rules from '../chat/list-chats.ts';
import { listChats } from '../protocol/index.ts';
import { connections, history, members } from './ports.ts';
import { inBand, type Run } from './route.ts';

const ports = { connections, history, members };

export const run: Run<typeof listChats> = (request, caller) => rules.listChats(ports, request, caller);

export const handler = inBand(listChats, run);
