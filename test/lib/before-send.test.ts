import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Parley, type ParleyProps } from '../../lib/parley.ts';
import { all, type Resource, refersTo, templateOf } from './template.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:moderate';

const functionsOf = (template: Template) => all(template, 'AWS::Lambda::Function');
const asking = (template: Template) =>
  functionsOf(template).filter(([, { Properties }]) => Properties.Environment?.Variables.BEFORE_SEND);
const invoking = (template: Template, on: unknown) => {
  const roles = all(template, 'AWS::IAM::Role').filter(([, { Properties }]) =>
    JSON.stringify(Properties.Policies ?? []).includes(
      JSON.stringify({ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: on }).slice(1, -1),
    ),
  );
  return roles.map(([id]) => id);
};
const SENDERS = ['Parley: SEND_GROUP_MESSAGE', 'Parley: SEND_MESSAGE', 'Parley: edit_message'];

/** A stack with the construct, and a function of the app's. */
function stackWith(props: (moderate: Lambda) => ParleyProps): Template {
  const stack = new Stack(new App(), 'Shop');
  const moderate = Lambda.fromFunctionArn(stack, 'Moderate', ARN) as Lambda;
  new Parley(stack, 'Chat', props(moderate));
  return Template.fromStack(stack);
}

test('without it, nothing of it is in the template', () => {
  const template = templateOf('dev');
  expect(JSON.stringify(template.toJSON())).not.toMatch(/BEFORE_SEND|BeforeSend/);
});

test('the functions that store texts may invoke it, and no others, and an alarm says if it gives no verdict', () => {
  const context = { beforeSend: ARN, beforeSendTimeout: '2.5', beforeSendFails: 'open', alarms: 'true' };
  const template = templateOf('dev', context);
  const alarm = { Namespace: 'Parley', MetricName: 'BeforeSendFailed', Threshold: 1 };
  template.hasResourceProperties('AWS::CloudWatch::Alarm', alarm);
  const found = asking(template);
  expect(found.map(([, { Properties }]) => Properties.Description).toSorted()).toEqual(SENDERS);
  for (const [, { Properties }] of found)
    expect(Properties.Environment.Variables).toMatchObject({
      BEFORE_SEND: ARN,
      BEFORE_SEND_TIMEOUT: '2500',
      BEFORE_SEND_FAILS: 'open',
    });
  expect(invoking(template, ARN).toSorted()).toEqual(
    found.map(([, { Properties }]: [string, Resource]) => refersTo(Properties.Role)).toSorted(),
  );
});

test('a file becomes a function, with a role that may write its log and nothing else', () => {
  const template = templateOf('dev', { beforeSend: 'examples/word-filter.ts' });
  const [[id, made] = ['', undefined]] = functionsOf(template).filter(([each]) => /^BeforeSend/.test(each));
  expect(made?.Properties).toMatchObject({ Handler: 'index.handler', Timeout: 10 });
  const arn = { 'Fn::GetAtt': [id, 'Arn'] };
  expect(asking(template).map(([, { Properties }]) => Properties.Environment.Variables.BEFORE_SEND)).toEqual([
    arn,
    arn,
    arn,
  ]);
  expect(invoking(template, arn)).toHaveLength(3);
  const role = template.toJSON().Resources[refersTo(made?.Properties.Role)];
  expect(JSON.stringify(role)).not.toMatch(/dynamodb|execute-api|lambda:/);
});

test('it gets the variables of the shell that are named, and a function of an ARN gets none', () => {
  vi.stubEnv('MODERATION_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const context = { beforeSend: 'examples/moderation.ts', beforeSendEnv: 'MODERATION_KEY' };
  const template = templateOf('dev', context);
  const [[, made] = ['', undefined]] = functionsOf(template).filter(([each]) => /^BeforeSend/.test(each));
  expect(made?.Properties.Environment).toEqual({ Variables: { MODERATION_KEY: 'secret' } });
  for (const [more, message] of [
    [{ beforeSendEnv: 'MODERATION_KEY,UNHEARD_OF' }, 'the variable UNHEARD_OF is not set'],
    [{ beforeSendEnv: 'AWS_REGION' }, '"AWS_REGION" can\'t be the name'],
    [{ beforeSendEnv: '' }, '"" can\'t be the name'],
    [{ beforeSend: ARN }, 'the function of an ARN has variables of its own'],
  ] as const)
    expect(() => templateOf('dev', { ...context, ...more })).toThrow(message);
});

test('as a prop it is any function of the app, and waits 3 s and fails closed by default', () => {
  const template = stackWith((beforeSend) => ({ beforeSend }));
  expect(asking(template).map(([, { Properties }]) => Properties.Environment.Variables)).toEqual(
    SENDERS.map(() =>
      expect.objectContaining({ BEFORE_SEND: ARN, BEFORE_SEND_TIMEOUT: '3000', BEFORE_SEND_FAILS: 'closed' }),
    ),
  );
});

describe('what is wrong is said', () => {
  test.each<[Record<string, string>, string]>([
    [{ beforeSend: 'no/such/file.ts' }, 'there is no such file'],
    [{ beforeSend: 'package.json' }, 'there is no matching export'],
    [{ beforeSend: 'arn:aws:sns:us-east-1:123456789012:topic' }, 'must be the ARN of a function, or a file'],
    [{ beforeSendTimeout: '2' }, '-c beforeSendTimeout=2 needs -c beforeSend'],
    [{ beforeSendEnv: 'HOME' }, '-c beforeSendEnv=HOME needs -c beforeSend'],
    [{ beforeSendFails: 'open' }, '-c beforeSendFails=open needs -c beforeSend'],
    [{ beforeSend: ARN, beforeSendTimeout: '0' }, 'must be a number of seconds'],
    [{ beforeSend: ARN, beforeSendTimeout: '11' }, 'must be a number of seconds'],
    [{ beforeSend: ARN, beforeSendFails: 'maybe' }, 'must be open or closed'],
  ])('%o', (context, message) => {
    expect(() => templateOf('dev', context)).toThrow(message);
  });

  test.each<[(beforeSend: Lambda) => ParleyProps, string]>([
    [() => ({ beforeSendFails: 'open' }), 'beforeSendFails needs beforeSend'],
    [() => ({ beforeSendTimeout: Duration.seconds(1) }), 'beforeSendTimeout needs beforeSend'],
    [(beforeSend) => ({ beforeSend, beforeSendTimeout: Duration.seconds(11) }), 'beforeSendTimeout=11000 ms'],
  ])('as props: %#', (props, message) => {
    expect(() => stackWith(props)).toThrow(message);
  });
});
