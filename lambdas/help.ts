import * as rules from '../chat/help.ts';
import { help } from '../protocol/index.ts';
import { inBand, type Run } from './route.ts';

export const run: Run<typeof help> = async () => rules.help();

export const handler = inBand(help, run);
