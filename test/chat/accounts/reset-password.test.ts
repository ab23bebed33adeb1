import { beforeEach, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { login } from '../../../chat/accounts/login.ts';
import { resetPassword } from '../../../chat/accounts/reset-password.ts';
import { OutcomeUnknown } from '../../../chat/errors.ts';
import type { Caller } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  chat.online('bob', 'b1');
  await changePassword(chat.ports, { new_password: 'forgotten' }, alice);
  await login(chat.ports, { username: 'alice', password: 'forgotten' }, alice);
});

const tokenOf = () => {
  const [reply] = chat.framesOf('a1') as { session_token?: string }[];
  return reply?.session_token;
};
const logIn = (fields: object) => {
  chat.state.sockets.a9 = { open: true, frames: [] };
  return login(chat.ports, fields, { ...alice, connectionId: 'a9' });
};
const refused = { code: 'invalid_credentials' };

test('only the new password logs in, earlier sessions end, and all connections are told and closed', async () => {
  const token = tokenOf();
  expect(token).toBeDefined();
  expect(await resetPassword(chat.ports, { username: 'alice', password: 'fresh' })).toEqual({
    username: 'alice',
    connections: 1,
  });
  expect(chat.framesOf('a1').at(-1)).toMatchObject({ type: 'SESSION_ENDED', code: 'password_reset' });
  expect(chat.state.sockets.a1?.open).toBe(false);
  expect(chat.state.connections).not.toHaveProperty('a1');
  await expect(logIn({ session_token: token })).rejects.toMatchObject(refused);
  await expect(logIn({ username: 'alice', password: 'forgotten' })).rejects.toMatchObject(refused);
  await expect(logIn({ username: 'alice' })).rejects.toMatchObject(refused);
  await logIn({ username: 'alice', password: 'fresh' });
  expect(chat.state.sockets.b1?.open).toBe(true);
});

test('unknown and erased users have no password to reset', async () => {
  const nobody = { code: 'unknown_recipient' };
  await expect(resetPassword(chat.ports, { username: 'nobody', password: 'x' })).rejects.toMatchObject(
    nobody,
  );
  const erased = { username: 'bob', attemptId: 'e', erased: true } as const;
  await chat.ports.credentials.replace('bob', erased);
  await expect(resetPassword(chat.ports, { username: 'bob', password: 'x' })).rejects.toMatchObject(nobody);
  expect(chat.state.credentials.bob).toEqual(erased);
});

test('a reset replaces a password that the user changes at the same time', async () => {
  let changed = false;
  const replace: typeof chat.ports.credentials.replace = async (...args) => {
    if (!changed) {
      changed = true;
      await changePassword(chat.ports, { old_password: 'forgotten', new_password: 'theirs' }, alice);
    }
    return chat.ports.credentials.replace(...args);
  };
  const credentials = { ...chat.ports.credentials, get: chat.ports.credentials.get, replace };
  await resetPassword({ ...chat.ports, credentials }, { username: 'alice', password: 'fresh' });
  await expect(logIn({ username: 'alice', password: 'theirs' })).rejects.toMatchObject(refused);
  await logIn({ username: 'alice', password: 'fresh' });
});

test('a reset that dies halfway is completed by the next', async () => {
  const revoke = () => Promise.reject(new OutcomeUnknown('dies'));
  const inboxes = { ...chat.ports.inboxes, getMany: chat.ports.inboxes.getMany, revoke };
  await expect(
    resetPassword({ ...chat.ports, inboxes }, { username: 'alice', password: 'fresh' }),
  ).rejects.toThrow(OutcomeUnknown);
  await resetPassword(chat.ports, { username: 'alice', password: 'fresh' });
  expect(chat.state.sockets.a1?.open).toBe(false);
  await logIn({ username: 'alice', password: 'fresh' });
});
