import * as rules from '../chat/register.ts';
import { register } from '../protocol/index.ts';
import { names } from './ports.ts';
import { inBand, type Run } from './route.ts';
import { world } from './world.ts';

export const run: Run<typeof register> = (request) => rules.register({ names, world }, request);

export const handler = inBand(register, run);
