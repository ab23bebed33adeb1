import { defineCommand } from '../command.ts';
import { timestamp } from '../fields.ts';

export const ping = defineCommand({
  type: 'ping',
  lambda: 'ping',
  doc: 'Answers at once, keeps an idle connection open, and you online: without a login, a ping or a message of yours for 7 minutes you are shown as away.',
  price: 0,
  fields: {},
  reply: { type: 'pong', status: 'pong', fields: { timestamp } },
  fail: { type: 'error', status: 'error', codes: [] },
  text: { word: 'ping', usage: '', args: [], write: () => 'pong' },
});
