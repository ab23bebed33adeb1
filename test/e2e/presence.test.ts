import { expect, test, vi } from 'vitest';
import { given, unique } from '../support/given.ts';
import { STAMP, TIME } from '../support/shapes.ts';

test('presence shows who is online, and when others were last online', async () => {
  const [ann, bob] = await given.users(2);
  const [never, nobody] = [await given.someoneAway(), unique('nobody')];
  const usernames = [ann.name, bob.name.toUpperCase(), never, nobody];
  const reply = await ann.request({ type: 'presence', usernames });
  expect(reply).toEqual({
    type: 'presence_response',
    status: 'presence_success',
    users: [
      { username: ann.name, online: true },
      { username: bob.name, online: true },
      { username: never, online: false },
      { username: nobody, online: false, unknown: true },
    ],
    request_id: reply.request_id,
  });
  await bob.close();
  // Its $disconnect takes a moment.
  await vi.waitFor(async () => {
    expect(await ann.request({ type: 'presence', usernames: [bob.name] })).toMatchObject({
      users: [{ username: bob.name, online: false, last_seen: STAMP }],
    });
  }, 60_000);
});

test.each([
  [[], 'bad_request'],
  [Array.from({ length: 101 }, (_, index) => `user${index}`), 'bad_request'],
  ['ann', 'bad_request'],
  [['no name'], 'invalid_name'],
])('of %j is refused', async (usernames, code) => {
  const ann = await given.aUser();
  const reply = await ann.request({ type: 'presence', usernames });
  expect(reply).toMatchObject({
    status: 'presence_fail',
    code,
    reason: expect.stringContaining('usernames'),
  });
});

test('in text it is a line for each', async () => {
  const [ann, bob] = [await given.aUser('text'), await given.aUser()];
  await bob.request({ type: 'logout' });
  const [head, first, second, ...more] = (await ann.say(`presence ${ann.name}  ${bob.name}`)).split('\n');
  expect([head, first]).toEqual(['presence_success', `${ann.name} online`]);
  expect(second).toMatch(new RegExp(`^${bob.name} away ${TIME.source.slice(1, -1)}$`));
  expect(more).toEqual([]);
  const nobody = unique('nobody');
  expect(await ann.say(`presence ${nobody}`)).toBe(`presence_success\n${nobody} unknown`);
  expect(await ann.say('presence')).toMatch(/^presence_fail .*usernames/);
});
