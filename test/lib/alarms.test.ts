import { describe, expect, test } from 'vitest';
import { all, one, type Resource, refersTo, templateOf } from './template.ts';

const template = templateOf('dev', { alarmEmail: 'ops@example.com' });
const alarms = all(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const functions = all(template, 'AWS::Lambda::Function');

const alarmsOn = (metric: string) => alarms.filter(({ MetricName }) => MetricName === metric);
const functionOf = ({ Dimensions }: Resource['Properties']) => refersTo(Dimensions[0].Value);
/** The metrics that an alarm computes with, by their name. */
const metricsIn = ({ Metrics = [] }: Resource['Properties']): string[] =>
  Metrics.flatMap(({ MetricStat }: Resource['Properties']) => MetricStat?.Metric.MetricName ?? []);

test('without alarms in the settings, there are none to pay for', () => {
  const quiet = templateOf('dev');
  for (const type of ['CloudWatch::Alarm', 'CloudWatch::Dashboard', 'SNS::Topic']) {
    expect(all(quiet, `AWS::${type}`), type).toEqual([]);
  }
});

describe('with alarmEmail', () => {
  test.each(['Errors', 'Throttles', 'Duration'])('each function has an alarm on its %s', (metric) => {
    expect(alarmsOn(metric).map(functionOf).toSorted()).toEqual(functions.map(([id]) => id).toSorted());
  });

  test('a function is slow when its 99th percentile takes four fifths of its timeout', () => {
    for (const alarm of alarmsOn('Duration')) {
      const [, { Properties }] = functions.find(([id]) => id === functionOf(alarm)) ?? ['', {} as Resource];
      expect(alarm).toMatchObject({ ExtendedStatistic: 'p99', Namespace: 'AWS/Lambda' });
      expect(alarm.Threshold).toBe(Properties.Timeout * 800);
    }
  });

  test('a message in the dead-letter queue raises an alarm', () => {
    const [alarm] = alarmsOn('ApproximateNumberOfMessagesVisible');
    const [queue] = one(template, 'AWS::SQS::Queue', ({ Properties }) => !Properties.RedrivePolicy);
    expect(JSON.stringify(alarm.Dimensions)).toContain(queue);
  });

  test.each([
    [['ExecutionError', 'Requests'], 1],
    [['ClientError', 'IntegrationError', 'Requests'], 5],
    [['Failures.busy', 'Failures.outcome_unknown', 'Requests'], 1],
  ])('the share of %j in all requests raises an alarm', (metrics, percent) => {
    const found = alarms.filter((alarm) => metricsIn(alarm).toSorted().join() === metrics.toSorted().join());
    expect(found).toMatchObject([{ Threshold: percent }]);
    // What never occurred has no data.
    const [{ Expression }] = found[0].Metrics.filter((each: Resource['Properties']) => each.Expression);
    const computed = Expression.replaceAll(/FILL\(\w+, 0\)/g, '1');
    expect(computed).toMatch(/^IF\([\d+ ()]+ >= 20, 100 \* [\d+ ()]+ \/ [\d+ ()]+, 0\)$/);
  });

  const ours = { Namespace: 'Parley', Dimensions: [{ Name: 'service', Value: 'Parley' }] };

  test('unknown errors of this deployment raise an alarm', () => {
    expect(alarmsOn('Failures.internal_error')).toMatchObject([{ ...ours, Threshold: 1 }]);
  });

  test('without a function before messages, none that it gives no verdict', () => {
    expect(alarmsOn('BeforeSendFailed')).toEqual([]);
  });

  test('the time from send to post of this deployment raises an alarm, and a few slow messages do not', () => {
    const [slow] = alarms.filter((alarm) => metricsIn(alarm).includes('SendToPost'));
    expect(slow).toMatchObject({ Threshold: 1_000, EvaluationPeriods: 3 });
    const stats = slow.Metrics.flatMap(({ MetricStat }: Resource['Properties']) => MetricStat ?? []);
    expect(stats).toMatchObject([
      { Metric: { ...ours, MetricName: 'SendToPost' }, Stat: 'p99' },
      { Metric: { ...ours, MetricName: 'SendToPost' }, Stat: 'SampleCount' },
    ]);
    expect(slow.Metrics[0].Expression).toBe('IF(samples >= 20, value, 0)');
  });

  test('missing data raises no alarm, and each alarm says what to do, and notifies the topic when it starts and ends', () => {
    const [topic] = one(template, 'AWS::SNS::Topic', () => true);
    for (const alarm of alarms) {
      expect(alarm.TreatMissingData, alarm.AlarmDescription).toBe('notBreaching');
      expect(alarm.AlarmDescription).toMatch(/^(Page|Look): /);
      expect(refersTo(alarm.AlarmActions[0])).toBe(topic);
      expect(refersTo(alarm.OKActions[0])).toBe(topic);
    }
  });

  test('the topic mails to that address, and accepts what CloudWatch publishes', () => {
    const [topic] = one(template, 'AWS::SNS::Topic', () => true);
    const [, { Properties }] = one(template, 'AWS::SNS::Subscription', () => true);
    expect(Properties).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.com' });
    expect(refersTo(Properties.TopicArn)).toBe(topic);
    const [, policy] = one(template, 'AWS::SNS::TopicPolicy', () => true);
    expect(policy.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
  });

  test('the dashboard shows what users notice, and what causes it', () => {
    const [, { Properties }] = one(template, 'AWS::CloudWatch::Dashboard', () => true);
    const body = JSON.stringify(Properties.DashboardBody);
    for (const metric of [
      'SendToPost',
      'Deliveries',
      'PendingWritten',
      'Failures',
      'Errors',
      'ClientError',
    ]) {
      expect(body, metric).toContain(metric);
    }
  });
});

const looked = templateOf('dev', { alarms: 'true', batchWindow: '2' });

test('where messages wait for one another, the time that they wait is not slow', () => {
  const watched = all(looked, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const [slow] = watched.filter((alarm) => metricsIn(alarm).includes('SendToPost'));
  expect(slow).toMatchObject({ Threshold: 3_000, AlarmDescription: expect.stringContaining('over 3 s') });
});

test('alarms=true makes them without a recipient', () => {
  expect(all(looked, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(5);
  expect(all(looked, 'AWS::SNS::Topic')).toEqual([]);
  for (const [, { Properties }] of all(looked, 'AWS::CloudWatch::Alarm')) {
    expect(Properties).not.toHaveProperty('AlarmActions');
  }
});

test.each([
  [{ alarmEmail: 'ops' }, '-c alarmEmail=ops: must be an email address'],
  [{ alarms: 'loud' }, '-c alarms=loud: must be true or false'],
])('%j is refused', (context, why) => {
  expect(() => templateOf('dev', { ...context })).toThrow(why);
});

test('functions write metrics under the name of their deployment', () => {
  for (const [id, { Properties }] of functions) {
    expect(Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME, id).toBe('Parley');
  }
});
