import { beforeEach, expect, test } from 'vitest';
import { getProfiles, setProfile } from '../../../chat/accounts/profiles.ts';
import type { Caller } from '../../../chat/model.ts';
import { userProfile } from '../../../chat/profiles.ts';
import { getProfiles as command, limits, writeReply } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
});

const of = async (...usernames: string[]) => (await getProfiles(chat.ports, { usernames }, bob)).profiles;

test('a profile is what its user set, and every logged-in user sees it', async () => {
  const data = { team: 'north', tags: ['a', { b: null }] };
  const ada = { display_name: 'Ada 王', avatar_url: 'https://example.com/a.png', data };
  expect(await setProfile(chat.ports, ada, alice)).toEqual({ username: 'alice', ...ada });
  await setProfile(chat.ports, { display_name: 'Bob' }, bob);
  expect(await of('nobody', 'bob', 'carol', 'alice', 'bob')).toEqual([
    { username: 'bob', display_name: 'Bob' },
    { username: 'alice', ...ada },
  ]);
});

test('fields that are absent stay, empty ones are removed, and an empty profile is absent', async () => {
  await setProfile(chat.ports, { display_name: 'Ada', data: { a: 1 } }, alice);
  await setProfile(chat.ports, { avatar_url: 'https://a' }, alice);
  expect(await of('alice')).toEqual([
    { username: 'alice', display_name: 'Ada', avatar_url: 'https://a', data: { a: 1 } },
  ]);
  expect(await setProfile(chat.ports, { display_name: '', data: {} }, alice)).toEqual({
    username: 'alice',
    avatar_url: 'https://a',
  });
  expect(await setProfile(chat.ports, { avatar_url: '' }, alice)).toEqual({ username: 'alice' });
  expect(await of('alice')).toEqual([]);
});

test('an update needs a field and a login', async () => {
  await expect(setProfile(chat.ports, {}, alice)).rejects.toMatchObject({ code: 'bad_request' });
  const stranger = { ...alice, connectionId: 'x' };
  await expect(setProfile(chat.ports, { display_name: 'x' }, stranger)).rejects.toMatchObject({
    code: 'not_logged_in',
  });
  await expect(getProfiles(chat.ports, { usernames: ['bob'] }, stranger)).rejects.toMatchObject({
    code: 'not_logged_in',
  });
  expect(chat.state.profiles).toEqual({});
});

test('a request of a user who was erased meanwhile sets nothing', async () => {
  await chat.ports.profiles.erase(userProfile('alice'));
  await expect(setProfile(chat.ports, { display_name: 'late' }, alice)).rejects.toMatchObject({
    code: 'not_logged_in',
  });
  expect(await of('alice')).toEqual([]);
});

test('large profiles come in pages that fit a frame, each user once', async () => {
  const usernames = Array.from({ length: limits.profiles }, (_, index) => `user-${index}`);
  for (const username of usernames)
    chat.state.profiles[userProfile(username)] = {
      name: '"'.repeat(limits.displayName),
      avatar: 'https://'.padEnd(limits.urlLength, 'x'),
      data: JSON.stringify({ x: '\u2028'.repeat(650) }),
    };
  const seen: string[] = [];
  let pages = 0;
  for (let after: string | undefined; pages === 0 || after !== undefined; pages++) {
    const reply = await getProfiles(chat.ports, { usernames, after }, bob);
    for (const form of ['json', 'text'] as const)
      expect(Buffer.byteLength(writeReply(command, form, reply, 'r'.repeat(64), { usernames }))).toBeLessThan(
        limits.frameBytes,
      );
    seen.push(...reply.profiles.map(({ username }) => username));
    after = reply.next?.after;
  }
  expect(seen).toEqual(usernames);
  expect(pages).toBeGreaterThan(5);
});
