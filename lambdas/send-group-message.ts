import * as rules from '../chat/send.ts';
import { sendGroupMessage } from '../protocol/index.ts';
import { later } from './later.ts';
import { share } from './policy.ts';
import { connections, deliveries, history, inboxes, members, names, overflow } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { world } from './world.ts';

const ports = {
  connections,
  gateway: deliveries,
  history,
  inboxes,
  later,
  members,
  names,
  overflow,
  share,
  world,
};

export const run = priced(sendGroupMessage, (request, caller) =>
  rules.sendGroupMessage(ports, request, caller),
);

export const handler = inBand(sendGroupMessage, run);
