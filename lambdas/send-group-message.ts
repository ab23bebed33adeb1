import * as rules from '../chat/send.ts';
import { sendGroupMessage } from '../protocol/index.ts';
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

export const run: Run<typeof sendGroupMessage> = (request, caller) =>
  rules.sendGroupMessage(ports, request, caller);

export const handler = inBand(sendGroupMessage, run);
