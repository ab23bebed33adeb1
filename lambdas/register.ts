import * as rules from '../chat/register.ts';
import { register } from '../protocol/index.ts';
import { policy } from './policy.ts';
import { credentials, inboxes, members, names, registrations } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { secrets } from './secrets.ts';
import { world } from './world.ts';

const ports = { credentials, inboxes, members, names, policy, registrations, secrets, world };

export const run: Run<typeof register> = (request, caller) => rules.register(ports, request, caller);

export const handler = inBand(register, run);
