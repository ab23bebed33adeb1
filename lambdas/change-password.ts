import * as rules from '../chat/password.ts';
import { changePassword } from '../protocol/index.ts';
import { policy } from './policy.ts';
import { connections, credentials, gateway, hopeless, inboxes, levels, sessions } from './ports.ts';
import { priced } from './priced.ts';
import { inBand } from './route.ts';
import { secrets } from './secrets.ts';
import { world } from './world.ts';

const ports = {
  connections,
  credentials,
  gateway,
  hopeless,
  inboxes,
  levels,
  policy,
  secrets,
  sessions,
  world,
};

export const run = priced(changePassword, (request, caller) => rules.changePassword(ports, request, caller));

export const handler = inBand(changePassword, run);
