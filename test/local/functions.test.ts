import { expect, test, vi } from 'vitest';
import { ask, callback, errorFrame, localCloud } from './cloud.ts';

const table = { TABLE: { Ref: 'Things' } };
const read = {
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: { 'Fn::GetAtt': ['Things', 'Arn'] },
};
process.env.OF_THE_HOST = 'secret';
const { open, lines, logged } = await localCloud({
  about: { handler: 'about', timeout: 7, environment: { ...table, ...callback, MODE: 'test' } },
  one: { handler: 'sleeper' },
  late: { handler: 'sleeper', timeout: 1 },
  throws: { handler: 'thrower' },
  exits: { handler: 'exit' },
  doomed: { handler: 'doomed' },
  absent: { handler: 'notThere' },
  reader: { handler: 'reader', environment: table, statements: [read] },
});

test("a function has the environment of the template and of Lambda, and none of this machine's", async () => {
  const { env } = await ask(await open(), { type: 'about' });
  expect(env).toMatchObject({
    MODE: 'test',
    TABLE: 'Things',
    CALLBACK_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/test$/),
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'aboutFunction',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  });
  expect(
    Object.keys(env)
      .filter((name) => !name.startsWith('AWS_'))
      .sort(),
  ).toEqual(['CALLBACK_URL', 'MODE', 'TABLE', 'TZ']);
});

test("the context has the function's name, and the time left", async () => {
  const { context, left, event } = await ask(await open(), { type: 'about' });
  expect(context).toMatchObject({
    awsRequestId: expect.stringMatching(/^[\w-]{36}$/),
    functionName: 'aboutFunction',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:aboutFunction',
  });
  expect(context.awsRequestId).toBe(event.requestContext.requestId);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(7_000);
});

test('its output goes to the log', async () => {
  await ask(await open(), { type: 'about' });
  expect(await logged('a line')).toBe('a line of its own');
});

test('an instance handles one event at a time and is reused', async () => {
  const client = await open();
  for (let at = 0; at < 12; at++) client.send('{"type":"one","for":100}');
  const answers = [];
  for (let at = 0; at < 12; at++) answers.push(JSON.parse(await client.nextText('an answer', () => true)));
  expect(new Set(answers.map(({ atOnce }) => atOnce))).toEqual(new Set([1]));
  expect((await ask(client, { type: 'one' })).events).toBeGreaterThan(1);
});

test.each([
  ['throws', /TypeError: boom/, /caused? ?by|cause/i],
  ['exits', /Runtime exited with error: exit status 3/],
  ['absent', /index.notThere is undefined or not exported/],
])(
  'a function that %s fails its event and not the next one, and the log has the reason',
  async (type, ...why) => {
    const client = await open();
    for (const _ of ['first', 'again']) {
      lines.length = 0;
      expect(await ask(client, { type })).toEqual(errorFrame());
      await vi.waitFor(() => {
        for (const each of why) expect(lines.join('\n')).toMatch(each);
      }, 60_000);
    }
  },
);

test('after a timeout the function has a new instance', async () => {
  const client = await open();
  expect((await ask(client, { type: 'late', for: 1 })).events).toBe(1);
  expect((await ask(client, { type: 'late', for: 1 })).events).toBe(2);
  expect(await ask(client, { type: 'late', for: 5_000 })).toEqual(errorFrame());
  expect(await logged('timed out')).toContain('Task timed out after 1.00 seconds');
  expect((await ask(client, { type: 'late', for: 1 })).events).toBe(1);
});

test('an idle instance that dies fails no event', async () => {
  const client = await open();
  for (const _ of ['first', 'again']) {
    lines.length = 0;
    expect(await ask(client, { type: 'doomed' })).toBe('still here');
    await logged('Runtime exited with error: exit status 4');
  }
});

test('a function may do what its role allows, and nothing else', async () => {
  const client = await open();
  expect(await ask(client, { type: 'reader' })).toEqual({ status: 200 });
  const refused = await ask(client, { type: 'reader', write: true });
  expect(refused).toMatchObject({ status: 400, name: 'AccessDeniedException' });
  expect(refused.message).toContain('is not authorized to perform: dynamodb:PutItem');
});
