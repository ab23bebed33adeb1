import * as rules from '../chat/send.ts';
import { sendMessage } from '../protocol/index.ts';
import { connections, gateway, history, inboxes, members, meter, names } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, history, inboxes, members, meter, names, world };

export const run: Run<typeof sendMessage> = (request, caller) => rules.sendMessage(ports, request, caller);

export const handler = inBand(sendMessage, run);
