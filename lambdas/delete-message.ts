import * as rules from '../chat/change-message.ts';
import { deleteMessage } from '../protocol/index.ts';
import { later } from './later.ts';
import { share } from './policy.ts';
import { connections, deliveries, history, inboxes, members, meter, names } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

const ports = {
  connections,
  gateway: deliveries,
  history,
  inboxes,
  later,
  members,
  meter,
  names,
  share,
  world,
};

export const run: Run<typeof deleteMessage> = (request, caller) =>
  rules.deleteMessage(ports, request, caller);

export const handler = inBand(deleteMessage, run);
