import { defineCommand, type Example } from '../command.ts';
import { timestamp } from '../fields.ts';

export const ping = defineCommand({
  type: 'ping',
  doc: 'Answers at once, and keeps an idle connection open.',
  price: 0,
  notAsUser: 'It keeps a connection open, and a backend has none.',
  fields: {},
  reply: { type: 'pong', status: 'pong', fields: { timestamp } },
  fail: { type: 'error', status: 'error', codes: [] },
  text: { word: 'ping', usage: '', args: [], write: () => 'pong' },
});

export const example: Example = {
  request: { type: 'ping' },
  reply: { type: 'pong', status: 'pong', timestamp: '2024-08-21T10:02:00.000Z' },
  access: 'anybody',
  inTerminal: 'The SDK, when nothing else is sent.',
};
