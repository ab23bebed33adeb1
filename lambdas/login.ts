import * as rules from '../chat/login.ts';
import { login } from '../protocol/index.ts';
import { policy } from './policy.ts';
import {
  connections,
  credentials,
  gateway,
  history,
  hopeless,
  inboxes,
  levels,
  members,
  overflow,
  sessions,
} from './ports.ts';
import { posted } from './posted.ts';
import { priced } from './priced.ts';
import { frameOf, type Run } from './route.ts';
import { secrets } from './secrets.ts';
import { world } from './world.ts';

const ports = {
  connections,
  credentials,
  gateway,
  history,
  hopeless,
  inboxes,
  levels,
  members,
  overflow,
  policy,
  secrets,
  sessions,
  world,
};

export const run = priced(
  login,
  (request, caller, requestId) => rules.login(ports, request, caller, requestId),
  // What was pending is the doing of others.
  ({ cursors }) => cursors !== undefined,
);

export const handler = posted(
  login.type,
  (event) => frameOf(login, event),
  () => run as Run<never>,
);
