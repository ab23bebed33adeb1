import { expect, test, vi } from 'vitest';
import { given, unique } from '../support/given.ts';

// A cold start on a busy machine takes seconds.
const PATIENCE = { timeout: 60_000 };

const NAME = 'Zoë 王 محمد';
const avatar_url = 'https://example.com/zoe.png';

test('others see the profile that a user set, until they remove it', async () => {
  const [ann, bob, cleo] = await given.users(3);
  const set = await ann.request({ type: 'set_profile', display_name: NAME, avatar_url, data: { a: [1] } });
  expect(set).toEqual({
    type: 'set_profile_response',
    status: 'set_profile_success',
    username: ann.name,
    display_name: NAME,
    avatar_url,
    data: { a: [1] },
    request_id: set.request_id,
  });
  const ask = { type: 'get_profiles', usernames: [unique('nobody'), cleo.name, ann.name] };
  const seen = () => bob.request(ask);
  // Reads may miss the latest write for a moment.
  await vi.waitFor(
    async () =>
      expect(await seen()).toMatchObject({
        type: 'get_profiles_response',
        status: 'get_profiles_success',
        profiles: [{ username: ann.name, display_name: NAME, avatar_url, data: { a: [1] } }],
      }),
    PATIENCE,
  );
  await ann.request({ type: 'set_profile', display_name: '', avatar_url: '', data: {} });
  await vi.waitFor(async () => expect(await seen()).toMatchObject({ profiles: [] }), PATIENCE);
});

test('members see the title of a group, others do not', async () => {
  const [ann, bob, eve] = await given.users(3);
  const group = unique('club');
  const title = 'Клуб';
  await ann.request({ type: 'create_group', group_name: group, title });
  await bob.request({ type: 'join_group', group_id: group });
  const ask = { type: 'get_groups', group_ids: [group] };
  await vi.waitFor(
    async () =>
      expect(await bob.request(ask)).toMatchObject({
        status: 'get_groups_success',
        groups: [{ group_id: group, title }],
      }),
    PATIENCE,
  );
  expect(await eve.request(ask)).toMatchObject({ groups: [] });
  const topic = { type: 'update_group', group_id: group, topic: 'Chess' };
  expect(await bob.request(topic)).toHaveProperty('code', 'not_allowed');
  expect(await ann.request(topic)).toMatchObject({ status: 'update_group_success', topic: 'Chess' });
  await vi.waitFor(
    async () =>
      expect(await bob.request(ask)).toMatchObject({ groups: [{ group_id: group, title, topic: 'Chess' }] }),
    PATIENCE,
  );
});

test.each([
  [{ display_name: 'a\nb' }, 'display_name'],
  [{ display_name: '\u202Eevil' }, 'display_name'],
  [{ avatar_url: 'javascript:alert(1)' }, 'avatar_url'],
  [{ data: { x: 'x'.repeat(2048) } }, 'data'],
  [{}, 'must be given'],
])('of %j it is refused', async (fields, reason) => {
  const ann = await given.aUser();
  expect(await ann.request({ type: 'set_profile', ...fields })).toMatchObject({
    status: 'set_profile_fail',
    code: 'bad_request',
    reason: expect.stringContaining(reason),
  });
});

test('in text it is a line for each field', async () => {
  const ann = await given.aUser('text');
  expect(await ann.say(`set_profile ${NAME}`)).toBe('set_profile_success');
  await vi.waitFor(
    async () =>
      expect(await ann.say(`get_profiles ${ann.name}`)).toBe(
        `get_profiles_success\n${ann.name} display_name ${NAME}`,
      ),
    PATIENCE,
  );
  const group = unique('club');
  await ann.say(`create_group ${group}`);
  expect(await ann.say(`update_group ${group} title Our club`)).toBe('update_group_success');
  await vi.waitFor(
    async () =>
      expect(await ann.say(`get_groups ${group}`)).toBe(`get_groups_success\n${group} title Our club`),
    PATIENCE,
  );
  expect(await ann.say(`update_group ${group} open sesame`)).toMatch(/^update_group_fail /);
});
