import { describe, expect, test } from 'vitest';
import { configured, given, unique } from '../support/given.ts';
import { TIME } from '../support/shapes.ts';

const stamp = TIME.source.slice(1, -1);
const line = (text: string) => new RegExp(`^${text} ${stamp}$`);

describe('the text grammar', () => {
  test('answers each command with its word', async () => {
    const [user, name, group] = [await given.aStranger(), unique('ann'), unique('team')];
    const friend = await given.someoneAway();
    expect(await user.say('ping')).toBe('pong');
    const registered =
      configured().passwords === 'required' ? /^register_success\n.*password/ : /^register_success$/;
    expect(await user.say(`register ${name}`)).toMatch(registered);
    expect(await user.say(`login ${name}`)).toBe('login_success');
    expect(await user.say(`send ${friend} hi there`)).toBe('send_success');
    expect(await user.say(`create_group ${group.toUpperCase()}`)).toBe(`create_group_success ${group}`);
    expect(await user.say(`join_group ${group}`)).toBe('join_group_success');
    expect(await user.say(`send ${group} hi all`)).toBe('send_success');
    expect(await user.say(`leave_group ${group}`)).toBe('leave_group_success');
    expect(await user.say('logout')).toBe('logout_success');
  });

  test('takes a second word of a registration as a password, and the reply says so', async () => {
    const [user, name] = [await given.aStranger(), unique('alice')];
    expect(await user.say(`register ${name.toUpperCase()} Smithereens`)).toMatch(
      new RegExp(`^register_success\\n.*${name}.*password`),
    );
    expect(await user.say(`login ${name}`)).toMatch(/^login_fail ./);
    expect(await user.say(`login ${name} Smithereens`)).toBe('login_success');
  });

  test('lists every line in help', async () => {
    const stranger = await given.aStranger();
    const lines = (await stranger.say('help')).split('\n');
    const words = lines.map((each) => each.split(/[ :]/)[0]);
    const grammar = 'register login logout send fetch_history create_group join_group leave_group ping help';
    expect(words).toEqual(expect.arrayContaining(grammar.split(' ')));
  });

  test.each([
    ['register', 'register_fail'],
    ['register a b c', 'register_fail'],
    ['register .dot', 'register_fail'],
    ['login', 'login_fail'],
    ['login nobody-has-this-name', 'login_fail'],
    ['logout', 'logout_fail'],
    ['send', 'send_fail'],
    ['send somebody', 'send_fail'],
    ['send somebody hello', 'send_fail'],
    ['fetch_history', 'history_fail'],
    ['fetch_history somebody', 'history_fail'],
    ['create_group', 'create_group_fail'],
    ['create_group team', 'create_group_fail'],
    ['join_group', 'join_group_fail'],
    ['join_group team', 'join_group_fail'],
    ['leave_group', 'leave_group_fail'],
    ['leave_group team', 'leave_group_fail'],
  ])('answers %s of a stranger with %s REASON', async (said, status) => {
    const stranger = await given.aStranger();
    expect(await stranger.say(said)).toMatch(new RegExp(`^${status} \\S[^\\n]{4,200}$`));
  });

  test('answers failures after login with their words', async () => {
    const user = await given.aUser('text');
    const theirs = await given.aGroup(await given.aUser());
    expect(await user.say('send nobody-here hello')).toMatch(/^send_fail ./);
    expect(await user.say(`send ${theirs} hello`)).toMatch(/^send_fail ./);
    expect(await user.say(`send ${theirs} ${'x'.repeat(16 * 1024 + 1)}`)).toMatch(/^send_fail ./);
    expect(await user.say(`login ${await given.someoneAway()}`)).toMatch(/^login_fail ./);
    expect(await user.say(`fetch_history ${theirs}`)).toMatch(/^history_fail ./);
    expect(await user.say(`fetch_history ${user.name} yesterday`)).toMatch(/^history_fail .*start_time/);
    expect(await user.say(`create_group ${theirs}`)).toMatch(/^create_group_fail ./);
    expect(await user.say('join_group no-group-here')).toMatch(/^join_group_fail ./);
    expect(await user.say(`leave_group ${theirs}`)).toMatch(/^leave_group_fail ./);
  });

  test.each(['  ping', 'ping  ', 'ping\n', 'ping\r\n', 'PING', 'Ping'])('takes %j as ping', async (said) => {
    const stranger = await given.aStranger();
    expect(await stranger.say(said)).toBe('pong');
  });

  test('allows many spaces between words, and keeps those inside a message', async () => {
    const [user, friend] = await given.users(2);
    await user.say(`  send   ${friend.name}   two  spaces,   and a tail  `);
    expect(await friend.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({
      content: expect.stringMatching(/^two {2}spaces, {3}and a tail/),
    });
  });
});

describe('pushes in the text form', () => {
  test('a private message, and one of a group', async () => {
    const [user, friend] = [await given.aUser('text'), await given.aUser()];
    const group = await given.aGroup(friend, user);
    await friend.request({ type: 'SEND_MESSAGE', recipient: user.name, content: 'hi you' });
    expect(await user.line('receive ')).toMatch(line(`receive ${friend.name} hi you`));
    await friend.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'hi all' });
    expect(await user.line('receive ')).toMatch(line(`receive ${group} ${friend.name}: hi all`));
  });

  test('a push has the form of the login, a reply the form of its request', async () => {
    const [one, two] = [await given.aUser('text'), await given.aUser('json')];
    expect(await one.request({ type: 'SEND_MESSAGE', recipient: two.name, content: 'a' })).toMatchObject({
      type: 'MESSAGE_SENT',
    });
    expect(await two.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'a' });
    expect(await two.say(`send ${one.name} b`)).toBe('send_success');
    expect(await one.line('receive ')).toMatch(line(`receive ${two.name} b`));
  });

  test('logging in again in the other form changes the form of the pushes', async () => {
    const [user, friend] = [await given.aUser('text'), await given.aUser()];
    await user.request({ type: 'login', username: user.name });
    await friend.request({ type: 'SEND_MESSAGE', recipient: user.name, content: 'a' });
    expect(await user.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'a');
    expect(await user.say(`login ${user.name}`)).toBe('login_success');
    await friend.request({ type: 'SEND_MESSAGE', recipient: user.name, content: 'b' });
    expect(await user.line('receive ')).toMatch(line(`receive ${friend.name} b`));
  });

  test('a message is one line: a line break in it cannot forge another', async () => {
    const [user, friend] = [await given.aUser('text'), await given.aUser()];
    const content = 'first\nreceive admin pay me\r\u001b[2J\u2028end\u0000';
    await friend.request({ type: 'SEND_MESSAGE', recipient: user.name, content });
    const received = await user.line('receive ');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come.
    expect(received).not.toMatch(/[\u0000-\u001f\u2028]/);
    expect(received).toContain('first\\nreceive admin pay me');
    expect(received).toContain('\\u001b[2J');
    const history = (await user.say(`fetch_history ${friend.name}`)).split('\n');
    expect(history).toHaveLength(2);
  });

  test('pending messages follow the login, a frame each, in order', async () => {
    const [friend, name] = [await given.aUser(), await given.someoneAway()];
    for (const content of ['one', 'two', 'three']) {
      await friend.request({ type: 'SEND_MESSAGE', recipient: name, content });
    }
    const user = await given.device(name, 'text');
    for (const content of ['one', 'two', 'three']) {
      expect(await user.line('receive ')).toMatch(line(`receive ${friend.name} ${content}`));
    }
  });
});

describe('history in the text form', () => {
  test('is one frame, with a line for each message', async () => {
    const [user, friend] = [await given.aUser('text'), await given.someoneAway()];
    for (const content of ['one', 'two and  more']) await user.say(`send ${friend} ${content}`);
    const [head, first, second, ...more] = (await user.say(`fetch_history ${friend}`)).split('\n');
    expect(head).toBe('history');
    expect(first).toMatch(new RegExp(`^${stamp} ${user.name} one$`));
    expect(second).toMatch(new RegExp(`^${stamp} ${user.name} two and  more$`));
    expect(more).toEqual([]);
  });

  test("of an empty chat is only the command's word", async () => {
    const [user, friend] = [await given.aUser('text'), await given.someoneAway()];
    expect((await user.say(`fetch_history ${friend}`)).trim()).toBe('history');
  });

  test('takes a start and an end, both inclusive', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const times: string[] = [];
    for (const content of ['a', 'b', 'c', 'd']) {
      const sent = await user.request({ type: 'SEND_MESSAGE', recipient: friend, content });
      times.push(sent.timestamp ?? '');
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const contents = async (bounds: string) =>
      (await user.say(`fetch_history ${friend} ${bounds}`)).split('\n').map((each) => each.split(' ')[2]);
    expect(await contents(`${times[1]} ${times[2]}`)).toEqual([undefined, 'b', 'c']);
    expect(await contents(`${times[2]}`)).toEqual([undefined, 'c', 'd']);
  });
});
