import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { Parley } from '../../lib/parley.ts';
import { matches } from '../../local/events/pattern.ts';
import type { Pattern } from '../../local/template/model.ts';
import { all, one, type Resource, refersTo, templateOf } from './template.ts';

const template = templateOf('dev', { events: 'true' });
const [functionId, lambda] = one(
  template,
  'AWS::Lambda::Function',
  ({ Properties }) => Properties.Description === 'Parley: events for backends',
);
const mappings = all(template, 'AWS::Lambda::EventSourceMapping').filter(
  ([, { Properties }]) => refersTo(Properties.FunctionName) === functionId,
);
const streamOf = ({ Properties }: Resource) => Properties.StreamSpecification;
const tables = all(template, 'AWS::DynamoDB::GlobalTable');

test('without events, nothing of it is in the template, and nothing else differs with it', () => {
  const quiet = templateOf('dev');
  const text = JSON.stringify(quiet.toJSON());
  expect(text).not.toMatch(/StreamSpecification|AWS::Events|EVENT_|EventBus/);
  const resources = template.toJSON().Resources;
  const [stage = ''] = Object.keys(quiet.findResources('AWS::ApiGatewayV2::Stage'));
  for (const [id, resource] of Object.entries<Resource>(quiet.toJSON().Resources)) {
    const { StreamSpecification: _, ...rest } = resources[id].Properties ?? {};
    // It puts events on the bus once more.
    if (/^Operator(Function|Role)/.test(id)) continue;
    expect(rest, id).toEqual(resource.Properties ?? {});
    if (id !== stage) expect(resources[id].DependsOn, id).toEqual(resource.DependsOn);
  }
});

test('the operator’s function differs by the bus alone', () => {
  const [resources, quiet] = [template, templateOf('dev')].map((each) => each.toJSON().Resources);
  const ids = Object.keys(quiet).filter((id) => /^Operator(Function|Role)/.test(id));
  expect(ids).toHaveLength(2);
  for (const id of ids) {
    const text = JSON.stringify(resources[id].Properties);
    expect(text).toMatch(/"events:PutEvents"|"EVENT_BUS"/);
    const { Environment, Policies, ...rest } = resources[id].Properties;
    expect(quiet[id].Properties).toMatchObject(rest);
    if (Environment) expect(Environment.Variables).toMatchObject(quiet[id].Properties.Environment.Variables);
    if (Policies)
      expect(Policies[0].PolicyDocument.Statement.slice(0, -1)).toEqual(
        quiet[id].Properties.Policies[0].PolicyDocument.Statement,
      );
  }
});

describe('with events', () => {
  test('streams have both images, but those of Credentials and Overflow their keys alone', () => {
    const views = tables.map(([id, table]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      streamOf(table)?.StreamViewType,
    ]);
    expect(Object.fromEntries(views.filter(([, view]) => view !== undefined))).toEqual({
      History: 'NEW_AND_OLD_IMAGES',
      Members: 'NEW_AND_OLD_IMAGES',
      Directory: 'NEW_AND_OLD_IMAGES',
      Profiles: 'NEW_AND_OLD_IMAGES',
      Credentials: 'KEYS_ONLY',
      Inboxes: 'NEW_AND_OLD_IMAGES',
      Overflow: 'KEYS_ONLY',
    });
  });

  test('each stream leads to the function from its start on: split, retried, and put aside in the end', () => {
    const streamed = tables.filter(([, table]) => streamOf(table)).map(([id]) => id);
    expect(mappings.map(([, { Properties }]) => refersTo(Properties.EventSourceArn)).toSorted()).toEqual(
      streamed.toSorted(),
    );
    const [failed = ''] = all(template, 'AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => id.startsWith('EventBusFailed'));
    for (const [id, { Properties }] of mappings)
      expect(Properties, id).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [failed, 'Arn'] } } },
      });
  });

  test('of inboxes, only changes while something waits invoke the function', () => {
    const [, { Properties }] = one(template, 'AWS::Lambda::EventSourceMapping', ({ Properties: each }) =>
      String(refersTo(each.EventSourceArn)).includes('Inboxes'),
    );
    const patterns = Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      JSON.parse(Pattern),
    );
    const isTold = (item: object) => {
      const dynamodb = { NewImage: { username: { S: 'bob' }, pending: { M: {} }, ...item } };
      return patterns.some((each: Pattern) => matches(each, { eventName: 'MODIFY', dynamodb }));
    };
    expect(isTold({ connections: { M: { c1: { M: {} } } } })).toBe(false);
    expect(isTold({ last_seen: { N: '1' } })).toBe(false);
    expect(isTold({ pending: { M: { '#team': { N: '1' } } }, has_pending: { BOOL: true } })).toBe(true);
  });

  test('the function may read the streams, put events on the bus and name what failed, and no more', () => {
    const role = template.toJSON().Resources[refersTo(lambda.Properties.Role)];
    const statements = role.Properties.Policies.flatMap(
      (policy: { PolicyDocument: { Statement: { Action: string | string[] }[] } }) =>
        policy.PolicyDocument.Statement,
    );
    const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action).toSorted();
    expect(actions).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'events:PutEvents',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sqs:SendMessage',
    ]);
  });

  test('texts are in events, unless eventContent is false', () => {
    expect(lambda.Properties.Environment.Variables.EVENT_CONTENT).toBe('on');
    const without = templateOf('dev', { events: 'true', eventContent: 'false' });
    const functions = all(without, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties.Environment,
    );
    const contents = functions.flatMap((each) => each?.Variables.EVENT_CONTENT ?? []);
    // Of the stream, and of a replay.
    expect(contents).toEqual(['off', 'off']);
  });

  test('an entry in the dead-letter queue raises an alarm, if there are any', () => {
    const watched = templateOf('dev', { events: 'true', alarms: 'true' });
    const [, { Properties }] = one(watched, 'AWS::CloudWatch::Alarm', ({ Properties: { Dimensions } }) =>
      JSON.stringify(Dimensions ?? []).includes('EventBusFailed'),
    );
    expect(Properties).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1 });
  });
});

test('eventContent without events is refused', () => {
  expect(() => templateOf('dev', { eventContent: 'false' })).toThrow('-c events=true');
});

describe('the rules of docs/events.md', async () => {
  const made = Template.fromStack(await shownIn('A webhook in ten lines'));
  const [bus] = one(made, 'AWS::Events::EventBus', () => true);
  const rules = all(made, 'AWS::Events::Rule');
  /** The one rule with this pattern. */
  const ruleOf = (pattern: object) => {
    const [found, ...others] = rules.filter(([, { Properties }]) =>
      isDeepStrictEqual(Properties.EventPattern, pattern),
    );
    expect(others).toEqual([]);
    return found?.[1].Properties;
  };
  const queues = all(made, 'AWS::SQS::Queue').map(([id]) => id);
  const queueOf = (name: string) => queues.find((id) => id.startsWith(name));
  const deadLetters = { DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queueOf('Undelivered'), 'Arn'] } } };

  test('are three, of the service’s own bus', () => {
    expect(rules.map(([, { Properties }]) => refersTo(Properties.EventBusName))).toEqual([bus, bus, bus]);
  });

  test('take messages to a webhook', () => {
    const [destination, { Properties: hook }] = one(made, 'AWS::Events::ApiDestination', () => true);
    expect(hook).toMatchObject({ InvocationEndpoint: 'https://you.example/chat', HttpMethod: 'POST' });
    const [target] = ruleOf({ 'detail-type': ['message.created'] }).Targets;
    expect(refersTo(target.Arn)).toBe(destination);
    expect(target.InputPath).toBe('$.detail');
  });

  test('take every event to a queue, and what it does not take to another', () => {
    const [target, ...others] = ruleOf({ source: ['parley'] }).Targets;
    expect(others).toEqual([]);
    expect(refersTo(target.Arn)).toBe(queueOf('Events'));
    expect(target).toMatchObject({ InputPath: '$.detail', ...deadLetters });
    const mayPut = all(made, 'AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    for (const name of ['Events', 'Undelivered'])
      expect(
        mayPut.filter(({ Queues }) => refersTo(Queues[0]) === queueOf(name)),
        name,
      ).not.toEqual([]);
    // A pattern that the local cloud knows, and that each event of the service has.
    expect(
      matches({ source: ['parley'] }, { source: 'parley', 'detail-type': 'user.created', detail: {} }),
    ).toBe(true);
  });

  test('take new members of groups to a function, which EventBridge may invoke', () => {
    const pattern = { 'detail-type': ['member.added'], detail: { chat_id: [{ prefix: '#' }] } };
    const [target] = ruleOf(pattern).Targets;
    const [welcome] = one(
      made,
      'AWS::Lambda::Function',
      ({ Properties }) => Properties.Code.ZipFile !== undefined,
    );
    expect(refersTo(target.Arn)).toBe(welcome);
    expect(target).toMatchObject({ InputPath: '$.detail', ...deadLetters });
    const invokers = all(made, 'AWS::Lambda::Permission').filter(
      ([, { Properties }]) => refersTo(Properties.FunctionName) === welcome,
    );
    expect(invokers.map(([, { Properties }]) => Properties.Principal)).toEqual(['events.amazonaws.com']);
    for (const [type, chat_id, isTaken] of [
      ['member.added', '#team', true],
      ['member.removed', '#team', false],
    ] as const)
      expect(matches(pattern, { source: 'parley', 'detail-type': type, detail: { type, chat_id } })).toBe(
        isTaken,
      );
  });
});

/** The stack that the code of a section of docs/events.md makes, block after block. */
async function shownIn(heading: string): Promise<Stack> {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const code = [...section.matchAll(/^```ts\n(.+?)^```/gms)].map(([, block]) => block).join('\n');
  const names: string[] = ['Parley'];
  const values: unknown[] = [Parley];
  const body = code.replace(/^import \{ (.+) \} from '(.+)';$/gm, (_, imported: string, module: string) => {
    names.push(`import_${values.push(import(module)) - 1}`);
    return `const { ${imported.replaceAll(' as ', ': ')} } = ${names.at(-1)};`;
  });
  expect(values.length).toBeGreaterThan(1);
  const stack = new Stack(new App(), 'Shop');
  new Function(...names, body).apply(stack, await Promise.all(values));
  return stack;
}
