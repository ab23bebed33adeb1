import * as rules from '../chat/change-message.ts';
import { deleteMessage } from '../protocol/index.ts';
import { connections, gateway, history, inboxes, members, meter, names } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, history, inboxes, members, meter, names, world };

export const run: Run<typeof deleteMessage> = (request, caller) =>
  rules.changeMessage(ports, request, caller);

export const handler = inBand(deleteMessage, run);
