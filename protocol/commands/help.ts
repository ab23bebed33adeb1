import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';

export const help = defineCommand({
  type: 'help',
  doc: 'Lists the text commands.',
  price: 0,
  notAsUser: 'It lists the lines that people type.',
  fields: {},
  reply: { type: 'help', status: 'help', fields: { lines: z.array(z.string()) } },
  fail: { type: 'error', status: 'error', codes: [] },
  text: { word: 'help', usage: '', args: [], write: ({ lines }) => lines.join('\n') },
});

export const example: Example = {
  request: { type: 'help' },
  reply: {
    type: 'help',
    status: 'help',
    lines: ['ping: Answers at once, and keeps an idle connection open.'],
  },
  access: 'anybody',
  inTerminal: 'Its own /help, which lists what it can do.',
};
