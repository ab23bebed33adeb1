import { expect, inject, test } from 'vitest';
import { configured, given, unique } from '../support/given.ts';
import { cast, samples } from '../support/published-samples.ts';
import { TIME } from '../support/shapes.ts';
import { wscat } from '../support/wscat.ts';

const url = inject('chatUrl');
const oneLine = (sample: string) => sample.replaceAll('\n', ' ');
const stamp = TIME.source.slice(1, -1);

test('two people at their terminals chat in the text grammar', async () => {
  const [ann, bob, team] = [unique('ann'), unique('bob'), unique('team')];
  const one = await wscat(url);
  const two = await wscat(url);
  for (const [user, name] of [
    [one, ann],
    [two, bob],
  ] as const) {
    user.type(`register ${name}`);
    expect(await user.reads()).toBe('register_success');
    // With a password, a second line says so.
    if (configured().passwords === 'required') expect(await user.reads()).toContain('password');
    user.type(`login ${name}`);
    expect(await user.reads()).toBe('login_success');
  }
  one.type(`send ${bob} hello,  you`);
  expect(await one.reads()).toBe('send_success');
  expect(await two.reads()).toMatch(new RegExp(`^receive ${ann} hello,  you ${stamp}$`));
  two.type(`create_group ${team}`);
  expect(await two.reads()).toBe(`create_group_success ${team}`);
  one.type(`join_group ${team}`);
  expect(await one.reads()).toBe('join_group_success');
  two.type(`send ${team} all here?`);
  expect(await two.reads()).toBe('send_success');
  expect(await one.reads()).toMatch(new RegExp(`^receive ${team} ${bob}: all here\\? ${stamp}$`));
  two.type(`fetch_history ${ann}`);
  expect(await two.reads()).toBe('history');
  expect(await two.reads()).toMatch(new RegExp(`^${stamp} ${ann} hello,  you$`));
  two.type('logout');
  expect(await two.reads()).toBe('logout_success');
  one.type(`send ${bob} gone?`);
  expect(await one.reads()).toBe('send_success');
  two.type(`login ${bob}`);
  expect(await two.reads()).toBe('login_success');
  expect(await two.reads()).toMatch(new RegExp(`^receive ${ann} gone\\? ${stamp}$`));
});

test('the published JSON samples, typed into wscat', async () => {
  const names = { user1: unique('user1'), user2: unique('user2') };
  const sender = await given.aUser('json', names.user2);
  const terminal = await wscat(url);
  terminal.type(oneLine(cast(samples.register, names)));
  expect(JSON.parse(await terminal.reads())).toMatchObject({ status: 'register_success' });
  terminal.type(oneLine(cast(samples.login, names)));
  expect(JSON.parse(await terminal.reads())).toMatchObject({ status: 'login_success', pending_messages: [] });
  expect(await sender.ask(cast(samples.sendMessage, names))).toHaveProperty('type', 'MESSAGE_SENT');
  expect(JSON.parse(await terminal.reads())).toMatchObject({ sender: names.user2, content: 'Hi user1' });
  terminal.type(oneLine(cast(samples.sendMessage, { user1: names.user2 })));
  expect(JSON.parse(await terminal.reads())).toMatchObject({ type: 'MESSAGE_SENT', seq: 2 });
  expect(await sender.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: names.user1 });
});
