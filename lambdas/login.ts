import * as rules from '../chat/login.ts';
import { login } from '../protocol/index.ts';
import { connections, gateway, history, inboxes, members, names } from './ports.ts';
import { posted } from './posted.ts';
import { jsonFrame, type Run } from './route.ts';
import { world } from './world.ts';

const ports = { connections, gateway, history, inboxes, members, names, world };

export const run: Run<typeof login> = (request, caller, requestId) =>
  rules.login(ports, request, caller, requestId);

export const handler = posted(
  (event) => jsonFrame(login, event),
  () => run as Run<never>,
);
