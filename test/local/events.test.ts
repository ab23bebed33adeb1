import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { listenOn } from '../../local/listen.ts';
import { readTemplate } from '../../local/template/read.ts';
import { localCloud, type Said } from './cloud.ts';
import { assemblyOf, stackOf, type Template, tempFolder } from './stack.ts';

/** An HTTP endpoint, and what it got. Its next answers are these statuses; then all are 200. */
async function endpoint(...statuses: (number | [number, Record<string, string>])[]) {
  const got: { method?: string; url?: string; headers: IncomingMessage['headers']; body: Said }[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await text(request)) || 'null');
    const { method, url, headers } = request;
    const [status, more] = [statuses.shift() ?? 200].flat() as [number, Record<string, string>?];
    got.push({ method, url, headers, body });
    response.writeHead(status, more).end();
  });
  const { port } = await listenOn(server, 0, '127.0.0.1');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}/hook`, got };
}

const PUTS = { Effect: 'Allow', Action: 'events:PutEvents', Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] } };

const readsStream = [
  {
    Effect: 'Allow',
    Action: ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((each) => `dynamodb:${each}`),
    Resource: { 'Fn::GetAtt': ['Things', 'StreamArn'] },
  },
  { Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' },
  { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Discarded', 'Arn'] } },
];

const routes = {
  publish: { handler: 'publisher', statements: [PUTS] },
  meddle: { handler: 'publisher' },
  consume: { handler: 'consumer' },
  record: { handler: 'recorder', statements: readsStream },
};

const sendsFor = (queue: string, ...rules: string[]) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: rules.map((rule) => ({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
        Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
      })),
    },
  },
});

const rule = (pattern: object, ...targets: object[]) => ({
  Type: 'AWS::Events::Rule',
  Properties: { EventBusName: { Ref: 'Bus' }, EventPattern: pattern, State: 'ENABLED', Targets: targets },
});

/** Adds a bus with rules to a queue, a function and a webhook, and a stream whose records go to a function. */
function withEvents(template: Template, url: string): void {
  const things = template.Resources.Things as { Properties: object };
  things.Properties = {
    ...things.Properties,
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  };
  const to = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  Object.assign(template.Resources, {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'chat' } },
    Queue: { Type: 'AWS::SQS::Queue' },
    Failed: { Type: 'AWS::SQS::Queue' },
    Discarded: { Type: 'AWS::SQS::Queue' },
    QueuePolicy: sendsFor('Queue', 'ToQueue'),
    FailedPolicy: sendsFor('Failed', 'ToHook'),
    ToQueue: rule({ 'detail-type': ['message'] }, { Id: 'Q', Arn: to('Queue') }),
    ToFunction: rule({ detail: { to: ['function'] } }, { Id: 'F', Arn: to('consumeFunction') }),
    InvokePermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: to('consumeFunction'),
        Principal: 'events.amazonaws.com',
        SourceArn: to('ToFunction'),
      },
    },
    Connection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'x-api-key', ApiKeyValue: 'secret' },
          InvocationHttpParameters: { HeaderParameters: [{ Key: 'x-from', Value: 'chat' }] },
        },
      },
    },
    Destination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: { ConnectionArn: to('Connection'), HttpMethod: 'POST', InvocationEndpoint: url },
    },
    HookRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [
          {
            PolicyName: 'Call',
            PolicyDocument: {
              Statement: [
                { Effect: 'Allow', Action: 'events:InvokeApiDestination', Resource: to('Destination') },
              ],
            },
          },
        ],
      },
    },
    ToHook: rule(
      { detail: { to: [{ prefix: 'hook' }] } },
      {
        Id: 'H',
        Arn: to('Destination'),
        RoleArn: to('HookRole'),
        InputPath: '$.detail',
        RetryPolicy: { MaximumRetryAttempts: 2 },
        DeadLetterConfig: { Arn: to('Failed') },
      },
    ),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Things', 'StreamArn'] },
        FunctionName: { Ref: 'recordFunction' },
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: to('Discarded') } },
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }] },
      },
    },
  });
}

const hook = await endpoint();
const { cloud, open, logged, lines } = await localCloud(routes, {}, (template) =>
  withEvents(template, hook.url),
);

const entry = (detail: object, more: object = {}) => ({
  Source: 'test',
  DetailType: 'message',
  Detail: JSON.stringify(detail),
  EventBusName: 'chat',
  ...more,
});

async function publish(entries: unknown, type = 'publish'): Promise<Said> {
  const client = await open();
  return client.request({ type, entries });
}

describe('PutEvents', () => {
  test('takes up to ten entries, and refuses each that is wrong on its own', async () => {
    const said = await publish([
      entry({ to: 'nobody' }),
      entry({}, { Source: undefined }),
      entry({}, { Detail: '{' }),
      entry({}, { Detail: '[]' }),
      entry({ to: 'nobody' }),
    ]);
    expect(said).toMatchObject({
      status: 200,
      FailedEntryCount: 3,
      Entries: [
        { EventId: expect.stringMatching(/^[\w-]{36}$/) },
        { ErrorCode: 'InvalidArgument' },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'MalformedDetail' },
        { EventId: expect.any(String) },
      ],
    });
  });

  test.each([
    ['none', [], 'ValidationException'],
    ['eleven', Array.from({ length: 11 }, () => entry({})), 'ValidationException'],
    [
      'more than 256 KB',
      [entry({}, { Detail: 200_000 }), entry({}, { Detail: 62_200 })],
      'ValidationException',
    ],
    ['only invalid ones', [entry({}, { Source: '' }), entry({}, { DetailType: '' })], 'ValidationException'],
  ])('%s: nothing is taken', async (_, entries, type) => {
    expect(await publish(entries)).toMatchObject({ status: 400, __type: type });
  });

  test("needs the right on the bus in the function's role", async () => {
    const said = await publish([entry({ to: 'hook', n: 'forbidden' })], 'meddle');
    expect(said).toMatchObject({ status: 400, __type: 'AccessDeniedException' });
    expect(said.message).toMatch(/events:PutEvents on resource: arn:aws:events:.*:event-bus\/chat/);
    expect(await publish([entry({ n: 'default' }, { EventBusName: undefined })])).toMatchObject({
      __type: 'AccessDeniedException',
    });
    expect((await cloud.grants()).denied).toContainEqual(
      expect.objectContaining({ function: 'meddleFunction', action: 'events:PutEvents' }),
    );
  });
});

describe('a rule', () => {
  test('sends the event to a queue', async () => {
    const { Entries } = await publish([
      entry({ to: 'nobody', n: 'queued' }),
      entry({ n: 'other' }, { DetailType: 'other' }),
    ]);
    const found = () => cloud.messages('Queue').map((body) => JSON.parse(body));
    await expect.poll(found).toContainEqual({
      version: '0',
      id: Entries[0].EventId,
      'detail-type': 'message',
      source: 'test',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [],
      detail: { to: 'nobody', n: 'queued' },
    });
    expect(found().some(({ detail }) => detail.n === 'other')).toBe(false);
  });

  test('invokes a function, which is retried when it fails', async () => {
    await publish([entry({ to: 'function', n: 'good' }), entry({ to: 'function', n: 'bad', fails: true })]);
    await logged('consumed', '"n":"good"');
    await logged('failed three times on an event');
    expect(lines.filter((line) => line.startsWith('consumed') && line.includes('"bad"'))).toHaveLength(3);
  });

  test('calls a webhook, with the part of the event and the headers that it says', async () => {
    await publish([entry({ to: 'hook', n: 'called' })]);
    await expect
      .poll(() => hook.got)
      .toContainEqual(
        expect.objectContaining({
          method: 'POST',
          url: '/hook',
          body: { to: 'hook', n: 'called' },
          headers: expect.objectContaining({
            'x-api-key': 'secret',
            'x-from': 'chat',
            'content-type': 'application/json; charset=utf-8',
          }),
        }),
      );
  });
});

/** Another cloud, with a webhook that answers with these statuses. */
async function cloudWith(...statuses: Parameters<typeof endpoint>) {
  const { url, got } = await endpoint(...statuses);
  const template = stackOf(routes);
  withEvents(template, url);
  const other = await localCloud(routes, {}, (given) => withEvents(given, url));
  return { ...other, got };
}

describe('a webhook that fails', () => {
  test('gets the event again, until its retries are used up; then it is in the dead-letter queue', async () => {
    const { cloud: other, open: opened, got } = await cloudWith(500, 200, 500, 429, 503);
    const client = await opened();
    await client.request({ type: 'publish', entries: [entry({ to: 'hook', n: 1 })] });
    await expect.poll(() => got.map(({ body }) => body.n)).toEqual([1, 1]);
    await client.request({ type: 'publish', entries: [entry({ to: 'hook', n: 2 })] });
    await expect.poll(() => other.messages('Failed')).toHaveLength(1);
    expect(JSON.parse(other.messages('Failed')[0] ?? '')).toMatchObject({ detail: { n: 2 } });
    expect(got.map(({ body }) => body.n)).toEqual([1, 1, 2, 2, 2]);
    await expect.poll(() => other.undelivered()).toMatchObject({ 'ToHook-H': 0 });
  });

  test.each([
    ['a redirect', 302],
    ['400', 400],
    ['404', 404],
    ['a Retry-After below zero', [503, { 'retry-after': '-1' }] as [number, Record<string, string>]],
  ])('%s is final', async (_, status) => {
    const { cloud: other, open: opened, got } = await cloudWith(status);
    const client = await opened();
    await client.request({ type: 'publish', entries: [entry({ to: 'hook' })] });
    await expect.poll(() => other.messages('Failed')).toHaveLength(1);
    expect(got).toHaveLength(1);
  });
});

test("a table's stream invokes a function, and a poison record ends in the queue for discarded ones", async () => {
  const items = ['a', 'b', 'poison', 'c', 'd'].map((id) => ({ id }));
  await cloud.fill('Things', items);
  for (const id of ['a', 'b', 'c', 'd']) await logged(`recorded INSERT ${id}`);
  await expect.poll(() => cloud.messages('Discarded')).toHaveLength(1);
  expect(JSON.parse(cloud.messages('Discarded')[0] ?? '')).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
});

test('events and positions outlive the process', async () => {
  const data = tempFolder();
  const down = await endpoint(...Array.from({ length: 1_000 }, () => 500));
  const assembly = (url: string) => {
    const template = stackOf(routes);
    withEvents(template, url);
    const target = template.Resources.ToHook?.Properties.Targets[0];
    target.RetryPolicy.MaximumRetryAttempts = 185;
    return assemblyOf(template);
  };
  const recorded: string[] = [];
  const start = (url: string) =>
    startCloud({
      assembly: assembly(url),
      port: 0,
      data,
      log: ({ line }) => line.startsWith('recorded') && recorded.push(line),
    });
  const first = await start(down.url);
  const { connect } = await import('../support/client.ts');
  const client = await connect(first.url);
  await client.request({ type: 'publish', entries: [entry({ to: 'hook', n: 'kept' })] });
  await first.fill('Things', [{ id: 'before' }]);
  await expect.poll(() => recorded).toEqual(['recorded INSERT before']);
  await expect.poll(() => down.got.length).toBeGreaterThan(0);
  client.socket.terminate();
  await first.close();
  const up = await endpoint();
  const second = await start(up.url);
  afterAll(() => second.close());
  await expect.poll(() => up.got.map(({ body }) => body.n)).toEqual(['kept']);
  await second.fill('Things', [{ id: 'after' }]);
  await expect.poll(() => recorded.at(-1)).toBe('recorded INSERT after');
  expect(recorded.length).toBeLessThanOrEqual(3);
});

describe('with faults', () => {
  test('each event reaches each target at least once', async () => {
    const { cloud: other, open: opened, got } = await cloudWith();
    const events = { entryFails: 0.2, eventLate: 0.3, eventTwice: 0.3, targetFails: 0.2, eventLateMs: 20 };
    await other.setFaults({ seed: 1, events });
    const client = await opened();
    const left = new Set(Array.from({ length: 40 }, (_, n) => n));
    // As a publisher does that retries what was refused.
    while (left.size > 0) {
      const batch = [...left].slice(0, 10);
      const entries = batch.map((n) => entry({ to: 'hook', n }));
      const said: Said = await client.request({ type: 'publish', entries });
      said.Entries.forEach((each: Said, index: number) => {
        if (each.EventId) left.delete(batch[index] ?? -1);
      });
    }
    const delivered = () => [
      ...got.map(({ body }) => body.n),
      ...other.messages('Failed').map((body) => JSON.parse(body).detail.n),
    ];
    await expect.poll(() => new Set(delivered()).size).toBe(40);
    const counts = await other.faultCounts();
    for (const kind of ['entryFails', 'eventLate', 'eventTwice', 'targetFails'] as const)
      expect(counts[kind]).toBeGreaterThan(0);
    expect(got.length).toBeGreaterThan(40);
  });
});

describe('a template is refused', () => {
  const read = (edit: (template: Template) => void) => {
    const template = stackOf(routes);
    withEvents(template, 'https://example.com/hook');
    edit(template);
    return () => readTemplate(assemblyOf(template), 'http://localhost');
  };
  const without = (id: string) => (template: Template) => {
    delete template.Resources[id];
  };
  const target = (id: string, more: object) => (template: Template) =>
    Object.assign(template.Resources[id]?.Properties.Targets[0], more);

  test.each<[string, (template: Template) => void, string]>([
    ['a queue without a policy for the rule', without('QueuePolicy'), 'EventBridge may not send to'],
    ['a dead-letter queue without one', without('FailedPolicy'), 'EventBridge may not send to'],
    ['a function without a permission', without('InvokePermission'), 'EventBridge may not invoke'],
    [
      'a webhook whose rule has no role',
      target('ToHook', { RoleArn: 'x' }),
      'may not call its API destination',
    ],
    ['an unknown target', target('ToQueue', { Arn: 'arn:aws:sns:r:a:Topic' }), 'does not support the target'],
    ['an input transformer', target('ToQueue', { InputTransformer: {} }), 'input transformers'],
    ['an input path with brackets', target('ToQueue', { InputPath: '$.detail[0]' }), 'the input path'],
    [
      'an unknown comparison',
      ({ Resources }) => {
        if (Resources.ToQueue) Resources.ToQueue.Properties.EventPattern = { source: [{ cidr: '::/0' }] };
      },
      'does not support cidr',
    ],
    [
      'an unknown authorization',
      ({ Resources }) => {
        if (Resources.Connection)
          Resources.Connection.Properties.AuthorizationType = 'OAUTH_CLIENT_CREDENTIALS';
      },
      'does not support the authorization',
    ],
    [
      'a stream without a starting position',
      ({ Resources }) => {
        if (Resources.Mapping) Resources.Mapping.Properties.StartingPosition = 'AT_TIMESTAMP';
      },
      'StartingPosition must be',
    ],
  ])('%s', (_, edit, complaint) => {
    expect(read(edit)).toThrow(complaint);
  });

  test('as it is, it is read: nothing of it is ignored', () => {
    expect(read(() => {})().ignored).toEqual([]);
  });
});
