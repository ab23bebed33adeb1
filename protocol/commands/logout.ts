import { defineCommand } from '../command.ts';

export const logout = defineCommand({
  type: 'logout',
  lambda: 'logout',
  doc: 'Unbinds this connection; other devices of the user stay logged in.',
  fields: {},
  reply: { type: 'logout_response', status: 'logout_success', fields: {} },
  fail: { type: 'logout_response', status: 'logout_fail', codes: ['not_logged_in'] },
  text: { word: 'logout', usage: '', args: [], write: () => 'logout_success' },
  example: {
    request: { type: 'logout' },
    reply: { type: 'logout_response', status: 'logout_success' },
  },
});
