import { expect, test } from 'vitest';
import { ownCloud } from '../support/own-cloud.ts';
import { anyone, ask, callback, errorFrame, localCloud, refusal } from './cloud.ts';
import type { Template } from './stack.ts';

// So slow that none comes back during a test.
const SLOW = 1e-6;
const limits = (burst: number) => ({ ThrottlingRateLimit: SLOW, ThrottlingBurstLimit: burst });
const throttledTo =
  (all: number, echo: number) =>
  ({ Resources }: Template) =>
    Object.assign(Resources.Stage?.Properties, {
      DefaultRouteSettings: limits(all),
      RouteSettings: { echo: limits(echo) },
    });

const routes = {
  echo: { handler: 'echo' },
  none: { handler: 'none' },
  post: { handler: 'poster', environment: callback, statements: [anyone] },
};
const TOO_MANY = errorFrame('Too Many Requests');
const isTooMany = (said: { message?: string }) => said.message === 'Too Many Requests';

test('a route has the throttle of the stage, or its own, and messages beyond it are answered and go nowhere', async () => {
  const { open } = await localCloud(routes, { throttling: {} }, throttledTo(3, 2));
  // The handshake counts.
  const client = await open();
  const said = [];
  for (let index = 0; index < 4; index++) said.push(await ask(client, { type: 'echo' }));
  expect(said.map(isTooMany)).toEqual([false, false, true, true]);
  expect(said.at(-1)).toEqual(TOO_MANY);
  const others = [];
  for (let index = 0; index < 3; index++) others.push(await ask(client, { type: 'post', verb: 'GET' }));
  expect(others.map(isTooMany)).toEqual([false, false, true]);
});

test('the account throttles frames, posts and handshakes together', async () => {
  const account = { rate: SLOW, burst: 4 };
  const { cloud, open } = await localCloud(routes, { throttling: { account } });
  const client = await open();
  // A frame and a post each time.
  expect(await ask(client, { type: 'post', verb: 'GET' })).toMatchObject({ status: 200 });
  expect(await ask(client, { type: 'post' })).toEqual({
    status: 429,
    name: 'LimitExceededException',
    message: expect.anything(),
  });
  expect(await ask(client, { type: 'echo' })).toEqual(TOO_MANY);
  expect(await refusal(cloud.url)).toBe(429);
});

test('without throttling, no limit applies', async () => {
  const { open } = await localCloud(routes, {}, throttledTo(1, 1));
  const client = await open();
  for (let index = 0; index < 5; index++) expect(await ask(client, { type: 'echo' })).not.toEqual(TOO_MANY);
});

test('more pending messages than the throttle admits all arrive, each once, on one connection', async () => {
  const OWED = 30;
  const { given } = await ownCloud({ patience: 1, throttling: { posts: { rate: 20, burst: 10 } } });
  const [ann, bob] = [await given.aUser(), await given.someoneAway()];
  for (let index = 1; index <= OWED; index++)
    await ann.request({ type: 'SEND_MESSAGE', recipient: bob, content: `m${index}` });
  const client = await given.device(bob, 'text');
  const seen: string[] = [];
  for (let index = 1; index <= OWED; index++) seen.push((await client.line('receive ')).split(' ')[2] ?? '');
  expect(seen).toEqual(Array.from({ length: OWED }, (_, index) => `m${index + 1}`));
  expect(await client.arrived()).toEqual([]);
});
