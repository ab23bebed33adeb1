import { App, CfnOutput, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, test } from 'vitest';
import { Parley } from '../../lib/parley.ts';
import { commands } from '../../protocol/index.ts';
import { all, one, templateOf } from './template.ts';

const PROVIDER = { jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' };
const TABLE = 'AWS::DynamoDB::GlobalTable';

/** What a stack deploys that another app has. */
function shop(fill: (stack: Stack) => void, context?: Record<string, unknown>): Template {
  const stack = new Stack(new App({ context }), 'Shop');
  fill(stack);
  return Template.fromStack(stack);
}

describe('two services in one stack', () => {
  // With all options and their alarms, two would have more than the 500 resources that CloudFormation allows.
  const everything = { web: true, alarms: true, alarmEmail: 'ops@example.com', accessLogs: true };
  const template = shop(
    (stack) => {
      for (const id of ['Chat', 'Support'])
        new Parley(stack, id, { ...everything, allowedOrigins: ['https://a.example'] });
    },
    { '@aws-cdk/core:stackResourceLimit': 1_000 },
  );

  test('fit into it without alarms and pages', () => {
    const plain = shop((stack) => {
      for (const id of ['Chat', 'Support']) new Parley(stack, id);
    });
    expect(all(plain, 'AWS::ApiGatewayV2::Api')).toHaveLength(2);
  });

  test('have everything twice', () => {
    for (const [type, count] of Object.entries({
      [TABLE]: 11,
      'AWS::ApiGatewayV2::Api': 1,
      'AWS::CloudWatch::Dashboard': 1,
      'AWS::CloudFront::Distribution': 1,
    }))
      expect(all(template, type), type).toHaveLength(2 * count);
  });

  test('have no name in common', () => {
    const named = [
      ['AWS::CloudWatch::Dashboard', 'DashboardName'],
      ['AWS::ApiGatewayV2::Api', 'Name'],
      ['AWS::CloudFront::OriginAccessControl', 'OriginAccessControlConfig'],
      ['AWS::CloudFront::ResponseHeadersPolicy', 'ResponseHeadersPolicyConfig'],
    ] as const;
    for (const [type, property] of named) {
      const names = all(template, type).map(([, { Properties }]) => {
        const value = Properties[property];
        return JSON.stringify(value.Name ?? value);
      });
      expect(new Set(names).size, type).toBe(2);
    }
    // Nothing else is named by us: CloudFormation finds a name that is free.
    const physical =
      /^(TableName|FunctionName|RoleName|QueueName|TopicName|BucketName|LogGroupName|AlarmName)$/;
    const resources = Object.values(
      template.toJSON().Resources as Record<string, { Type: string; Properties?: object }>,
    );
    const ours = resources.filter(
      ({ Type }) => !/^(Custom::|AWS::Lambda::(Permission|EventSourceMapping))/.test(Type),
    );
    for (const { Type, Properties = {} } of ours)
      expect(
        Object.keys(Properties).filter((key) => physical.test(key)),
        Type,
      ).toEqual([]);
  });

  test('write and watch metrics of their own', () => {
    const written = all(template, 'AWS::Lambda::Function').flatMap(
      ([, { Properties }]) => Properties.Environment?.Variables?.POWERTOOLS_SERVICE_NAME ?? [],
    );
    const names = [...new Set(written)];
    expect(names).toEqual([expect.stringMatching(/^Shop-Chat-/), expect.stringMatching(/^Shop-Support-/)]);
    const watched = all(template, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) => Properties.MetricName === 'Failures.internal_error',
    );
    expect(watched.map(([, { Properties }]) => Properties.Dimensions[0].Value).toSorted()).toEqual(
      names.toSorted(),
    );
  });

  test('each watch their own functions', () => {
    const alarms = all(template, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) => Properties.MetricName === 'Errors',
    );
    for (const id of ['Chat', 'Support']) {
      const own = alarms.filter(([alarm]) => alarm.startsWith(id));
      expect(own).toHaveLength(commands.length + 6);
      for (const [, { Properties }] of own)
        expect(Properties.Dimensions[0].Value.Ref).toMatch(new RegExp(`^${id}`));
    }
  });
});

test('nothing of the context of the app changes the service', () => {
  const context = {
    stage: 'prod',
    name: 'x',
    passwords: 'never',
    web: 'maybe',
    sendRate: 'fast',
    alarms: 'true',
  };
  const fill = (stack: Stack) => void new Parley(stack, 'Chat');
  expect(shop(fill, context).toJSON()).toEqual(shop(fill).toJSON());
});

test('a service has what an app connects with other resources', () => {
  let chat: Parley | undefined;
  const template = shop((stack) => {
    chat = new Parley(stack, 'Chat', { stage: 'prod', alarms: true });
    new CfnOutput(stack, 'Url', { value: chat.url });
    new CfnOutput(stack, 'History', { value: chat.tables.History.tableArn });
    const slow = chat.metric('SendToPost', { statistic: Stats.p(99) });
    new Alarm(stack, 'Slow', { metric: slow, threshold: 500, evaluationPeriods: 1 });
  });
  const { url, tables, functions, alarms, dashboard, pageUrl, domainTarget } = chat as Parley;
  expect(url).toMatch(/^wss:\/\/.*\/prod$/);
  expect([pageUrl, domainTarget]).toEqual([undefined, undefined]);
  expect(Object.keys(tables)).toHaveLength(11);
  expect(Object.keys(functions).toSorted()).toEqual(
    ['api', 'operator', 'fanOut', '$default', '$disconnect', ...commands.map(({ type }) => type)].toSorted(),
  );
  expect(alarms.length).toBeGreaterThan(5);
  expect(dashboard).toBeDefined();
  const [, { Properties }] = one(
    template,
    'AWS::CloudWatch::Alarm',
    ({ Properties: each }) => each.Threshold === 500,
  );
  expect(Properties).toMatchObject({
    Namespace: 'Parley',
    MetricName: 'SendToPost',
    ExtendedStatistic: 'p99',
    Dimensions: [{ Name: 'service', Value: expect.stringMatching(/^Shop-Chat-/) }],
  });
});

describe('the data', () => {
  const tablesIn = (template: Template) =>
    all(template, TABLE).map(([, { DeletionPolicy, UpdateReplacePolicy, Properties }]) => ({
      policies: [DeletionPolicy, UpdateReplacePolicy],
      isProtected: Properties.Replicas[0].DeletionProtectionEnabled,
    }));

  test.each([
    [{}, 'Delete', false],
    [{ stage: 'prod' }, 'Retain', true],
    [{ stage: 'prod', removalPolicy: RemovalPolicy.DESTROY }, 'Delete', false],
    [{ removalPolicy: RemovalPolicy.RETAIN }, 'Retain', true],
    [{ removalPolicy: RemovalPolicy.RETAIN, deletionProtection: false }, 'Retain', false],
  ] as const)('with %j: deleted with the stack? %s, protected? %s', (props, policy, isProtected) => {
    const tables = tablesIn(shop((stack) => void new Parley(stack, 'Chat', props)));
    expect(tables).toEqual(tables.map(() => ({ policies: [policy, policy], isProtected })));
    expect(tables).toHaveLength(11);
  });
});

test.each([
  [{ stage: 'production' as 'prod' }, 'stage=production: must be dev or prod'],
  [{ name: 'My "chat"' }, 'name=My "chat": a name has'],
])('%j is refused', (props, why) => {
  expect(() => shop((stack) => void new Parley(stack, 'Chat', props))).toThrow(why);
});

test('the page may be shown by one whose address CloudFormation will know', () => {
  const template = shop((stack) => {
    const host = `https://app.${stack.region}.example`;
    new Parley(stack, 'Chat', { ...PROVIDER, web: true, pageHosts: [host] });
  });
  const [, { Properties }] = one(template, 'AWS::CloudFront::ResponseHeadersPolicy', () => true);
  expect(JSON.stringify(Properties)).toContain('frame-ancestors https://app.');
});

test('logs are kept as long as their prop says', () => {
  const template = shop((stack) => void new Parley(stack, 'Chat', { logRetention: RetentionDays.ONE_DAY }));
  const days = all(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties.RetentionInDays);
  expect([...new Set(days)]).toEqual([1]);
});

test('a service may be in a nested stack', () => {
  const outer = new Stack(new App(), 'Shop');
  const inner = new NestedStack(outer, 'Part');
  new Parley(inner, 'Chat', { alarms: true });
  const [, { Properties }] = one(Template.fromStack(inner), 'AWS::CloudWatch::Dashboard', () => true);
  expect(JSON.stringify(Properties.DashboardName)).toContain('Shop-Part-Chat-');
});

test('the stack of this repository has the service without another word in its ids', () => {
  const ids = (template: Template) => all(template, TABLE).map(([id]) => id.slice(0, -8));
  const chat = shop((stack) => void new Parley(stack, 'Chat'));
  expect(ids(chat)).toEqual(ids(templateOf('dev')).map((id) => `Chat${id}`));
});

test('a backend may invoke the server API, and nothing else', () => {
  const template = shop((stack) => {
    const chat = new Parley(stack, 'Chat');
    chat.grantInvokeApi(
      new Role(stack, 'Backend', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    );
  });
  const [, { Properties }] = one(template, 'AWS::IAM::Policy', () => true);
  const [api] = all(template, 'AWS::Lambda::Function').find(
    ([, { Properties: each }]) => each.Description === 'Parley: api',
  ) ?? [''];
  const arn = { 'Fn::GetAtt': [api, 'Arn'] };
  expect(Properties.PolicyDocument.Statement).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      Effect: 'Allow',
      // No wildcard, which cdk-nag would find.
      Resource: [{ 'Fn::Join': ['', [arn, ':$LATEST']] }, arn],
    },
  ]);
});
