import { defineCommand, type OperatorExample } from '../command.ts';
import { sessionToken, timestamp, userId } from '../fields.ts';

export const createSession = defineCommand({
  type: 'create_session',
  doc: 'Opens a session for a user, without their password. Hand its token to their browser, which logs in with it as `session_token`. Each call opens another session.',
  price: 0,
  operator: 'only',
  fields: { username: userId },
  reply: {
    type: 'create_session_response',
    status: 'create_session_success',
    fields: { username: userId, session_token: sessionToken, session_expires: timestamp },
  },
  fail: {
    type: 'create_session_response',
    status: 'create_session_fail',
    codes: ['invalid_name', 'unknown_recipient', 'not_allowed'],
  },
});

export const example: OperatorExample = {
  request: { type: 'create_session', username: 'user1' },
  reply: {
    type: 'create_session_response',
    status: 'create_session_success',
    username: 'user1',
    session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE',
    session_expires: '2024-09-20T10:05:00.000Z',
  },
};
