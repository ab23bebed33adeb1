import { describe, expect, test } from 'vitest';
import { ask, errorFrame, localCloud, type Said } from './cloud.ts';

const { open } = await localCloud({
  echo: { handler: 'echo' },
  silent: { handler: 'echo', response: false },
  nothing: { handler: 'none' },
  throws: { handler: 'thrower' },
  malformed: { handler: 'malformed', response: false },
  slow: { handler: 'sleeper', timeout: 1 },
  long: { handler: 'sleeper' },
  $default: { handler: 'echo' },
  $disconnect: { handler: 'echo' },
});

// Of the one function that takes longer. A busy machine takes longer, too, for all.
const impatient = await localCloud(
  { long: { handler: 'sleeper' } },
  { limits: { integration: 1_500 }, instances: 1 },
);

const strict = await localCloud({ echo: { handler: 'echo' } });
const deep = await localCloud({ echo: { handler: 'echo' }, $default: { handler: 'none' } }, {}, (stack) => {
  const { Properties } = stack.Resources.Api ?? {};
  Properties.RouteSelectionExpression = '$' + '{request.body.head.kind}';
});

describe('the route of a message', () => {
  test.each([
    ['a key', '{"type":"echo"}', 'echo'],
    ['another case', '{"type":"Echo"}', '$default'],
    ['a key with a space', '{"type":"echo "}', '$default'],
    ['no key of a route', '{"type":"other"}', '$default'],
    ['no key', '{}', '$default'],
    ['a number', '{"type":1}', '$default'],
    ['a key of the service', '{"type":"$default"}', '$default'],
    ['$connect, where there is none', '{"type":"$connect"}', '$default'],
    ['$disconnect', '{"type":"$disconnect"}', '$disconnect'],
    ['a key in the prototype', '{"__proto__":{"type":"echo"}}', '$default'],
    ['an array', '[{"type":"echo"}]', '$default'],
    ['null', 'null', '$default'],
    ['a word', 'echo', '$default'],
    ['nothing', '', '$default'],
  ])('%s: %s → %s', async (_, message, routeKey) => {
    const client = await open();
    client.send(message);
    const event = JSON.parse(await client.nextText('the event', () => true));
    expect(event.requestContext.routeKey).toBe(routeKey);
    expect(event.body).toBe(message);
  });

  test('a path of several names selects by a nested field', async () => {
    const event = await ask(await deep.open(), { head: { kind: 'echo' } });
    expect(event.requestContext.routeKey).toBe('echo');
  });

  test('without a $default, a message without a route is Forbidden', async () => {
    expect(await ask(await strict.open(), { type: 'other' })).toEqual(errorFrame('Forbidden'));
  });
});

test('a message has the event of the real service', async () => {
  const before = Date.now();
  const client = await open('/any/path?a=1');
  const message = { type: 'echo', emoji: '👋' };
  const { requestContext, ...event } = await ask(client, message);
  expect(event).toEqual({ body: JSON.stringify(message), isBase64Encoded: false });
  expect(requestContext).toEqual({
    routeKey: 'echo',
    eventType: 'MESSAGE',
    messageDirection: 'IN',
    messageId: expect.any(String),
    extendedRequestId: expect.any(String),
    requestId: expect.any(String),
    requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    requestTimeEpoch: expect.any(Number),
    connectedAt: expect.any(Number),
    connectionId: expect.stringMatching(/^[\w-]{15}=$/),
    stage: 'test',
    apiId: 'Api',
    domainName: 'Api.execute-api.us-east-1.amazonaws.com',
    identity: { sourceIp: '127.0.0.1', userAgent: '' },
  });
  expect(requestContext.connectedAt).toBeGreaterThanOrEqual(before);
  expect(requestContext.requestTimeEpoch).toBeGreaterThanOrEqual(requestContext.connectedAt);
});

describe('the answer', () => {
  test('of a route without a route response is nothing', async () => {
    const client = await open();
    client.send('{"type":"silent"}');
    const event = await ask(client, { type: 'echo' });
    expect(event.requestContext.routeKey).toBe('echo');
  });

  test('of a route with a route response, from a function without a body, is an empty frame', async () => {
    const client = await open();
    client.send('{"type":"nothing"}');
    expect(await client.nextText('a frame', () => true)).toBe('');
  });

  test.each([
    ['throws', 'throws'],
    ['returns no proxy result, with no route response either', 'malformed'],
  ])('of a function that %s is the error frame', async (_, type) => {
    expect(await ask(await open(), { type })).toEqual(errorFrame());
  });

  test('of a function that takes longer than its timeout is the error frame', async () => {
    expect(await ask(await open(), { type: 'slow', for: 60_000 })).toEqual(errorFrame());
  });

  test('of a function that takes longer than the service waits is the error frame, and its late answer goes nowhere', async () => {
    const client = await impatient.open();
    // Its start may take longer than that, too.
    let before: Said = {};
    while (before.events === undefined) before = await ask(client, { type: 'long' });
    expect(await ask(client, { type: 'long', for: 2_000 })).toEqual(errorFrame());
    // The next ones wait for the instance, which takes one after the other: what comes is the answer to the last.
    let [asked, after]: [number, Said] = [0, {}];
    for (; after.events === undefined; asked++) after = await ask(client, { type: 'long' });
    expect(after.events).toBe(before.events + 1 + asked);
  });

  test('two messages of one client run side by side', async () => {
    const client = await open();
    client.send('{"type":"long","for":60000}');
    client.send('{"type":"echo"}');
    const first = JSON.parse(await client.nextText('a frame', () => true));
    expect(first.requestContext.routeKey).toBe('echo');
  });
});
