import { readFileSync } from 'node:fs';
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

test('the webhook of docs/events.md takes messages from the bus to its address', async () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const [, code = ''] =
    /^## A webhook in ten lines\n[^`]*(?:`[^`\n]+`[^`]*)*```ts\n(.+?)^```/ms.exec(page) ?? [];
  const names: string[] = ['Parley'];
  const values: unknown[] = [Parley];
  const body = code.replace(/^import \{ (.+) \} from '(.+)';$/gm, (_, imported: string, module: string) => {
    names.push(`import_${values.push(import(module)) - 1}`);
    return `const { ${imported.replaceAll(' as ', ': ')} } = ${names.at(-1)};`;
  });
  expect(values.length).toBeGreaterThan(1);
  const stack = new Stack(new App(), 'Shop');
  new Function(...names, body).apply(stack, await Promise.all(values));
  const made = Template.fromStack(stack);
  const [destination, { Properties: hook }] = one(made, 'AWS::Events::ApiDestination', () => true);
  expect(hook).toMatchObject({ InvocationEndpoint: 'https://you.example/chat', HttpMethod: 'POST' });
  const [, rule] = one(made, 'AWS::Events::Rule', () => true);
  expect(rule.Properties.EventPattern).toEqual({ 'detail-type': ['message.created'] });
  const [bus] = one(made, 'AWS::Events::EventBus', () => true);
  expect(refersTo(rule.Properties.EventBusName)).toBe(bus);
  const [target] = rule.Properties.Targets;
  expect(refersTo(target.Arn)).toBe(destination);
  expect(target.InputPath).toBe('$.detail');
});
