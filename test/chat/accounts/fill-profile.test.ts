import { beforeEach, expect, test } from 'vitest';
import { fillProfile } from '../../../chat/accounts/fill-profile.ts';
import { loginByToken } from '../../../chat/accounts/login.ts';
import { getProfiles, setProfile } from '../../../chat/accounts/profiles.ts';
import { Unavailable } from '../../../chat/errors.ts';
import type { Caller, Claims } from '../../../chat/model.ts';
import { limits } from '../../../protocol/index.ts';
import { callerAt as at, type Service, service } from '../../support/chat.ts';
import type { PortCall } from '../../support/memory.ts';

let chat: Service;
let calls: PortCall[];
beforeEach(() => {
  calls = [];
  chat = service(async (call, perform) => {
    calls.push(call);
    return perform();
  });
  chat.ports.policy.hasProvider = true;
  chat.state.areApart = true;
});

async function logIn(fields: Omit<Claims, 'digest'>, ports = chat.ports): Promise<Caller> {
  const claims = { ...fields, digest: JSON.stringify(fields) };
  const identity = { username: 'auth0|Ann', issued: chat.runtime.at, until: chat.runtime.at + 60_000 };
  chat.state.sockets.a1 ??= { open: true, frames: [] };
  await loginByToken(ports, { token: JSON.stringify({ ...identity, claims }) }, at('a1'));
  return at('a1');
}

const shown = async () => (await getProfiles(chat.ports, { usernames: ['auth0|Ann'] }, at('a1'))).profiles[0];
const written = () => calls.filter(({ method }) => method === 'noteClaims' || method === 'set');

const ann = { name: 'Ann 王', picture: 'https://example.com/ann.png' };

test('the first login fills the profile from the claims of the token', async () => {
  await logIn(ann);
  expect(await shown()).toEqual({
    username: 'auth0|Ann',
    display_name: 'Ann 王',
    avatar_url: 'https://example.com/ann.png',
  });
});

test('a login with unchanged claims writes nothing, and what the user has set stays', async () => {
  const caller = await logIn(ann);
  await setProfile(chat.ports, { display_name: 'Annie' }, caller);
  calls = [];
  await logIn(ann);
  expect(written()).toEqual([]);
  expect(await shown()).toMatchObject({ display_name: 'Annie' });
});

test('changed claims fill the profile again, and fields without a claim stay', async () => {
  await logIn(ann);
  await logIn({ name: 'Ann Lee' });
  expect(await shown()).toMatchObject({
    display_name: 'Ann Lee',
    avatar_url: 'https://example.com/ann.png',
  });
});

test.each([
  ['turned around', { name: '\u202EAnn\nLee' }, { display_name: 'Ann Lee' }],
  ['like a group', { name: ' ##\u200B＃ team\uD83D' }, { display_name: 'team' }],
  ['too long', { name: '𝒳'.repeat(300) }, { display_name: '𝒳'.repeat(limits.displayName) }],
  ['invisible, at an address of no use', { name: '\u200B', picture: 'http://example.com/a.png' }, undefined],
  ['of another scheme, beside a name', { name: 'Ann', picture: 'data:image/png,x' }, { display_name: 'Ann' }],
])(
  'claims that are %s are used as far as they are valid, and not examined again',
  async (_, claims, profile) => {
    await logIn(claims);
    expect(await shown()).toEqual(profile && { username: 'auth0|Ann', ...profile });
    calls = [];
    await logIn(claims);
    expect(written()).toEqual([]);
  },
);

test.each(['set', 'noteClaims'])(
  'a login succeeds though %s fails, and the next one fills the profile',
  async (method) => {
    const refuse = () => Promise.reject(new Unavailable('busy'));
    const { profiles, credentials } = chat.ports;
    const failing = {
      ...chat.ports,
      profiles:
        method === 'set' ? { getMany: profiles.getMany, erase: profiles.erase, set: refuse } : profiles,
      credentials:
        method === 'set'
          ? credentials
          : {
              get: credentials.get,
              create: credentials.create,
              replace: credentials.replace,
              noteClaims: refuse,
            },
    };
    await logIn(ann, failing);
    await logIn(ann);
    expect(await shown()).toMatchObject({ display_name: 'Ann 王' });
    calls = [];
    await logIn(ann);
    expect(written()).toEqual([]);
  },
);

test('a user who is erased meanwhile gets no profile', async () => {
  await logIn(ann);
  const before = await chat.ports.credentials.get('auth0|Ann');
  if (before === undefined) throw new Error('There is no such user');
  await chat.ports.credentials.replace(before.attemptId, { ...before, attemptId: 'e', erased: true });
  await chat.ports.profiles.erase('@auth0|Ann');
  await fillProfile(chat.ports, before, { name: 'Ann', digest: 'late' });
  expect(chat.state.profiles['@auth0|Ann']).toBeNull();
  expect(await chat.ports.credentials.get('auth0|Ann')).toMatchObject({ erased: true });
});
