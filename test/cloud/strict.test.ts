import { describe, expect, test } from 'vitest';
import { OPENING } from '../../chat/messages/send.ts';
import { assemblyIn } from '../support/assembly.ts';
import type { Frame } from '../support/frame.ts';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

const context = {
  passwords: 'required',
  passwordLength: '8',
  sendRate: '5',
  sendBurst: '20',
  registerRate: '1/h',
  registerBurst: '10',
  malformedRate: '1',
  malformedBurst: '20',
};
const { given } = await ownCloud({ assembly: assemblyIn(context) });

const refusalOf = ({ code, reason }: Frame) => [code, reason];

describe('with required passwords', () => {
  test('nobody registers without one, or with a short one', async () => {
    const stranger = await given.aStranger();
    const username = unique('ann');
    expect(refusalOf(await stranger.request({ type: 'register', username }))).toEqual([
      'bad_request',
      '"password" is missing.',
    ]);
    expect(refusalOf(await stranger.request({ type: 'register', username, password: 'seven77' }))).toEqual([
      'bad_request',
      'A password must have at least 8 characters.',
    ]);
    expect(await stranger.say(`register ${username} eight888`)).toBe(
      `register_success\nYour name is ${username}; the word after it is your password. To log in: login ${username} PASSWORD`,
    );
    expect(await stranger.say(`login ${username}`)).toMatch(/^login_fail Wrong username or password/);
    expect(await stranger.say(`login ${username} eight888`)).toBe('login_success');
  });
});

describe('with small limits', () => {
  test('a user who sends too much is told how long to wait, and nothing more is stored until then', async () => {
    const ann = await given.aStranger();
    const name = unique('ann');
    await ann.request({ type: 'register', username: name, password: 'eight888' });
    await ann.request({ type: 'login', username: name, password: 'eight888' });
    const say = () => ann.request({ type: 'SEND_MESSAGE', recipient: name, content: 'hi' });
    const replies: Frame[] = [];
    while (replies.at(-1)?.code !== 'rate_limited' && replies.length < 300) replies.push(await say());
    const sent = replies.filter(({ status }) => status === 'send_success').length;
    // The burst, of which beginning a chat takes its part, what leaked out meanwhile, and what one instance lets through before it asks.
    expect(sent + OPENING).toBeGreaterThanOrEqual(20);
    expect(sent).toBeLessThan(300);
    const { retry_after_ms: wait } = replies.at(-1) as { retry_after_ms?: number };
    expect(wait).toBeGreaterThan(0);
    await ann.arrived();
    const history = await ann.request({ type: 'fetch_history', recipient: name, limit: 200 });
    expect(history.messages?.at(-1)?.seq).toBe(sent);
    await new Promise((done) => setTimeout(done, wait));
    expect(await say()).toMatchObject({ status: 'send_success' });
    await ann.arrived();
  });

  test('an address registers a limited number of users', async () => {
    const stranger = await given.aStranger();
    const codes: (string | undefined)[] = [];
    while (codes.at(-1) !== 'rate_limited' && codes.length < 100) {
      const reply = await stranger.request({ type: 'register', username: unique('u'), password: 'eight888' });
      codes.push(reply.code);
    }
    expect(codes.at(-1)).toBe('rate_limited');
    expect(codes.length).toBeLessThan(40);
  });

  test('a connection that sends nonsense is answered, then told to wait, and other connections are not affected', async () => {
    const [fool, other] = [await given.aStranger(), await given.aStranger()];
    const codes = new Set<string | undefined>();
    for (let frame = 0; frame < 200; frame++) codes.add((await fool.ask('{"type":"nonsense"}')).code);
    expect(codes).toEqual(new Set(['unknown_type', 'rate_limited']));
    // Each instance counts for itself, and which one answers is open.
    await expect
      .poll(() => fool.say('nonsense'))
      .toMatch(/^error Too many malformed frames\. Try again in \d+ s\.$/);
    expect((await other.ask('{"type":"nonsense"}')).code).toBe('unknown_type');
    expect(await fool.say('ping')).toBe('pong');
  });
});
