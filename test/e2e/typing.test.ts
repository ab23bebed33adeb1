import { expect, test } from 'vitest';
import { given } from '../support/given.ts';

test('typing reaches users online, once in 3 seconds, and nobody later', async () => {
  const [ann, bob, cleo] = await given.users(3);
  const group = await given.aGroup(ann, bob, cleo);
  await cleo.request({ type: 'logout' });
  for (const chat of [group, `#${group}`]) {
    expect(await ann.request({ type: 'typing', chat })).toMatchObject({
      type: 'typing_response',
      status: 'typing_success',
      chat_id: `#${group}`,
    });
  }
  const frames = (await bob.arrived()).map((frame) => JSON.parse(frame));
  expect(frames).toEqual([{ type: 'TYPING', chat_id: `#${group}`, username: ann.name }]);
  expect(await ann.arrived()).toEqual([]);
  const again = await given.device(cleo.name);
  expect(await again.arrived()).toEqual([]);
});

test('in text it is a line, pushed as a line', async () => {
  const [ann, bob] = [await given.aUser('text'), await given.aUser('text')];
  expect(await ann.say(`typing ${bob.name}`)).toMatch(/^typing_fail ./);
  await bob.say(`send ${ann.name} hi`);
  await ann.line('receive ');
  expect(await ann.say(`typing ${bob.name}`)).toBe('typing_success');
  expect(await bob.line('typing ')).toBe(`typing ${ann.name} ${ann.name}`);
  expect(await ann.say('typing')).toMatch(/^typing_fail .*chat/);
});
