import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, errorFrame, localCloud, refusal } from './cloud.ts';
import { addAuthorizer } from './stack.ts';

const routes = {
  $connect: { handler: 'connect', response: false },
  $disconnect: { handler: 'logger', response: false },
  echo: { handler: 'echo' },
};
const { cloud, open, logged, lines } = await localCloud(routes, {}, (template) =>
  addAuthorizer(template, 'authorizer'),
);
const sources = ['route.request.querystring.token', 'route.request.header.X-Answer'];
const strict = await localCloud(routes, {}, (template) => addAuthorizer(template, 'authorizer', sources));

test('an authorizer is asked about the handshake, as API Gateway asks', async () => {
  const mark = randomUUID();
  await open(`/?answer=allow&mark=${mark}`);
  expect(JSON.parse(await logged('REQUEST', mark))).toEqual({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:Api/test/$connect',
    headers: expect.objectContaining({ Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }),
    multiValueHeaders: expect.objectContaining({ Upgrade: ['websocket'] }),
    queryStringParameters: { answer: 'allow', mark },
    multiValueQueryStringParameters: { answer: ['allow'], mark: [mark] },
    stageVariables: {},
    requestContext: expect.objectContaining({
      routeKey: '$connect',
      eventType: 'CONNECT',
      stage: 'test',
      apiId: 'Api',
      connectionId: expect.stringMatching(/=$/),
    }),
  });
});

test('what it says of the caller is text in every event of that connection', async () => {
  const authorizer = { principalId: 'me', username: 'ann', age: '7', grown: 'false' };
  const mark = randomUUID();
  const client = await open(`/?answer=allow&log=1&mark=${mark}`);
  expect(JSON.parse(await logged('isBase64Encoded', mark)).requestContext).toMatchObject({ authorizer });
  const { requestContext } = await ask(client, { type: 'echo' });
  expect(requestContext).toMatchObject({ eventType: 'MESSAGE', authorizer });
  await client.close();
  const bye = await logged('DISCONNECT', requestContext.connectionId);
  expect(JSON.parse(bye).requestContext).toMatchObject({ authorizer });
});

test('a policy may allow by wildcards, and say nothing else', async () => {
  const client = await open('/?answer=wildcard');
  const { requestContext } = await ask(client, { type: 'echo' });
  expect(requestContext.authorizer).toEqual({ principalId: 'me' });
});

test.each([
  ['403 if the policy denies', 'deny', 403],
  ['403 if the policy allows something else', 'elsewhere', 403],
  ["401 if it throws 'Unauthorized'", 'unauthorized', 401],
  ['500 if it throws anything else', 'broken', 500],
  ['500 if it answers nothing', 'none', 500],
  ['500 if it names no principal', 'nobody', 500],
  ['500 if it tells more than texts, numbers and booleans', 'nested', 500],
  ['500 if nobody here can judge its policy', 'condition', 500],
])('a handshake is refused with %s, and $connect is not asked', async (_, answer, status) => {
  const mark = randomUUID();
  expect(await refusal(`${cloud.url}/?answer=${answer}&log=1&mark=${mark}`)).toBe(status);
  await logged('REQUEST', mark);
  expect(lines.filter((line) => line.includes(mark) && line.includes('isBase64Encoded'))).toEqual([]);
});

test.each<[string, string, Record<string, string>]>([
  ['the query', '/', { 'x-answer': 'allow' }],
  ['a value in the query', '/?token=', { 'x-answer': 'allow' }],
  ['the header', '/?token=t', {}],
  ['a value in the header', '/?token=t', { 'x-answer': '' }],
])('401 without a call if an identity source lacks %s', async (_, path, headers) => {
  const mark = randomUUID();
  expect(await refusal(strict.cloud.url + path, { ...headers, 'X-Mark': mark })).toBe(401);
  expect(strict.lines.filter((line) => line.includes(mark))).toEqual([]);
});

test('with all identity sources it is asked; a header in any case is one', async () => {
  const mark = randomUUID();
  const status = await refusal(`${strict.cloud.url}/?token=${mark}&status=403&answer=allow`, {
    'x-answer': 'any',
  });
  expect(status).toBe(403);
  await strict.logged('REQUEST', mark);
});

test('behind an authorizer the subprotocol is the one that $connect chose', async () => {
  const socket = new WebSocket(`${cloud.url}/?answer=allow&protocol=two`, ['one', 'two']);
  await once(socket, 'open');
  expect(socket.protocol).toBe('two');
  socket.terminate();
});

test('a message cannot call the authorizer', async () => {
  const client = await open('/?answer=allow');
  expect(await ask(client, { type: 'Guard' })).toEqual(errorFrame('Forbidden'));
});
