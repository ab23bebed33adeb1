import { expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/errors.ts';
import { PROFILE_AGE, profilesOf } from '../../../clients/sdk/profiles.ts';
import type { Chat } from '../../../clients/sdk/types.ts';

type Request = { type: string; usernames?: string[]; group_ids?: string[]; after?: string };

/** Profiles of everybody whose name begins with `u`, so many in a page; what was asked is noted. */
function aService(page = 100) {
  const asked: Request[] = [];
  const clock = { now: 1_000 };
  let refusal: RequestError | undefined;
  const answer = (ids: string[], after: string | undefined) => {
    const rest = ids
      .slice(after === undefined ? 0 : ids.indexOf(after) + 1)
      .filter((id) => id.startsWith('u'));
    const found = rest.slice(0, page);
    return { found, next: rest.length > page ? { after: found.at(-1) } : undefined };
  };
  const request = async (frame: Request & Record<string, unknown>): Promise<unknown> => {
    asked.push(frame);
    await Promise.resolve();
    if (refusal) throw refusal;
    const { type, usernames = [], group_ids = [], after, ...fields } = frame;
    if (type === 'set_profile') return { username: 'ume', ...fields };
    if (type === 'update_group') return fields;
    const { found, next } = answer([...usernames, ...group_ids], after);
    if (type === 'get_groups')
      return { groups: found.map((id) => ({ group_id: id, title: `T ${id}` })), next };
    return { profiles: found.map((id) => ({ username: id, display_name: `N ${id}` })), next };
  };
  const profiles = profilesOf({ request: request as Chat['request'] }, () => clock.now);
  const refuse = (error?: RequestError) => {
    refusal = error;
  };
  return { profiles, asked, clock, refuse };
}

const names = (found: ReadonlyMap<string, { display_name?: string | undefined }>) =>
  Object.fromEntries([...found].map(([id, { display_name }]) => [id, display_name]));

test('concurrent lookups are one request that names each user once, and a user without a profile is absent', async () => {
  const { profiles, asked } = aService();
  const [first, second] = await Promise.all([
    profiles.users(['u1', 'u2', 'nobody']),
    profiles.users(['u2', 'u3', 'u3']),
  ]);
  expect(names(first)).toEqual({ u1: 'N u1', u2: 'N u2' });
  expect(names(second)).toEqual({ u2: 'N u2', u3: 'N u3' });
  expect(asked).toEqual([{ type: 'get_profiles', usernames: ['u1', 'u2', 'nobody', 'u3'] }]);
});

test.each(['get_profiles', 'get_groups'])('pages of %s that go on where they were end', async (type) => {
  const found = {
    profiles: [{ username: 'u1', display_name: 'N' }],
    groups: [{ group_id: 'u1', title: 'N' }],
  };
  let count = 0;
  const request = async (asked: { type: string }) => {
    expect(asked.type).toBe(type);
    // At the fifth, the service has mercy.
    return { ...found, ...(++count < 5 && { next: { after: 'u1' } }) };
  };
  const profiles = profilesOf({ request: request as unknown as Chat['request'] });
  const all = await (type === 'get_groups' ? profiles.groups(['u1']) : profiles.users(['u1']));
  expect([...all.keys()]).toEqual(['u1']);
  expect(count).toBe(2);
});

test('a profile that is known or under way is not requested again, nor is one known to be absent', async () => {
  const { profiles, asked } = aService();
  const first = profiles.users(['u1', 'nobody']);
  await Promise.resolve();
  await Promise.resolve();
  expect(asked).toHaveLength(1);
  await Promise.all([first, profiles.users(['u1'])]);
  expect(names(await profiles.users(['nobody', 'u1']))).toEqual({ u1: 'N u1' });
  expect(await profiles.users([])).toEqual(new Map());
  expect(asked).toHaveLength(1);
});

test('of very many profiles, those that were asked for first are dropped', async () => {
  const { profiles, asked } = aService();
  await profiles.users(Array.from({ length: 5_001 }, (_, index) => `u${index}`));
  asked.length = 0;
  await profiles.users(['u1', 'u5000']);
  expect(asked).toEqual([]);
  await profiles.users(['u0']);
  expect(asked).toHaveLength(1);
});

test('a profile is requested again once it is old', async () => {
  const { profiles, asked, clock } = aService();
  await profiles.users(['u1']);
  clock.now += PROFILE_AGE - 1;
  await profiles.users(['u1']);
  expect(asked).toHaveLength(1);
  clock.now += 1;
  await profiles.users(['u1']);
  expect(asked).toHaveLength(2);
});

test('a profile is requested again earlier for who looks closely, and is as new for everybody then', async () => {
  const { profiles, asked, clock } = aService();
  await profiles.users(['u1', 'u2']);
  clock.now += 1_000;
  await profiles.users(['u1'], 1_001);
  await profiles.groups(['u1'], 1_000);
  expect(asked).toHaveLength(2);
  await profiles.users(['u1', 'u3'], 1_000);
  expect(asked.slice(2)).toEqual([{ type: 'get_profiles', usernames: ['u1', 'u3'] }]);
  clock.now += PROFILE_AGE - 1_000;
  await profiles.users(['u1', 'u2'], 2 * PROFILE_AGE);
  expect(asked.slice(3)).toEqual([{ type: 'get_profiles', usernames: ['u2'] }]);
});

test('a lookup above the limit makes several requests, and a reply of several pages is read to its end', async () => {
  const { profiles, asked } = aService(40);
  const ids = Array.from({ length: 130 }, (_, index) => `u${index}`);
  expect([...(await profiles.users(ids)).keys()]).toEqual(ids);
  expect(asked.map(({ usernames, after }) => [usernames?.length, after])).toEqual(
    expect.arrayContaining([
      [100, undefined],
      [100, 'u39'],
      [100, 'u79'],
      [30, undefined],
    ]),
  );
  expect(asked).toHaveLength(4);
});

test('a failed lookup is reported, and can be repeated', async () => {
  const { profiles, asked, refuse } = aService();
  refuse(new RequestError('busy', 'Try again.'));
  await expect(profiles.users(['u1'])).rejects.toHaveProperty('code', 'busy');
  refuse();
  expect(names(await profiles.users(['u1']))).toEqual({ u1: 'N u1' });
  expect(asked).toHaveLength(2);
});

test('a profile that was set is known at once, for oneself and for a group', async () => {
  const { profiles, asked } = aService();
  await profiles.set({ display_name: 'Ada' });
  expect(names(await profiles.users(['ume']))).toEqual({ ume: 'Ada' });
  expect(asked).toEqual([{ type: 'set_profile', display_name: 'Ada' }]);
  await profiles.setGroup('u1', { topic: 'The moon' });
  expect((await profiles.groups(['u1'])).get('u1')).toEqual({
    group_id: 'u1',
    title: 'T u1',
    topic: 'The moon',
  });
  expect(asked.map(({ type }) => type)).toEqual(['set_profile', 'update_group', 'get_groups']);
});

test('a user and a group of one name have separate profiles', async () => {
  const { profiles } = aService();
  expect((await profiles.users(['u1'])).get('u1')).toEqual({ username: 'u1', display_name: 'N u1' });
  expect((await profiles.groups(['u1'])).get('u1')).toEqual({ group_id: 'u1', title: 'T u1' });
});
