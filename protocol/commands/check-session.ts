import { defineCommand, type OperatorExample } from '../command.ts';
import { sessionToken, timestamp, userId } from '../fields.ts';

export const checkSession = defineCommand({
  type: 'check_session',
  doc: 'Says whose session a token is, for a page that is logged in here and proves it to a backend of yours. A token that no login would take, as it has expired or its user has logged out everywhere, is `invalid_credentials`.',
  price: 0,
  operator: 'only',
  fields: { session_token: sessionToken },
  reply: {
    type: 'check_session_response',
    status: 'check_session_success',
    fields: { username: userId, session_expires: timestamp },
  },
  fail: {
    type: 'check_session_response',
    status: 'check_session_fail',
    codes: ['invalid_credentials', 'not_allowed'],
  },
});

export const example: OperatorExample = {
  request: { type: 'check_session', session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE' },
  reply: {
    type: 'check_session_response',
    status: 'check_session_success',
    username: 'user1',
    session_expires: '2024-09-20T10:05:00.000Z',
  },
};
