import * as rules from '../chat/change-message.ts';
import { editMessage } from '../protocol/index.ts';
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

export const run = priced(editMessage, (request, caller) => rules.editMessage(ports, request, caller));

export const handler = inBand(editMessage, run);
