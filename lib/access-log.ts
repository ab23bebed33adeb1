import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';

// Nothing of what a client writes, nor where it is; above all no query string, in which its token may be.
const FIELDS = [
  'requestId',
  'connectionId',
  'eventType',
  'routeKey',
  'status',
  'requestTimeEpoch',
  'error.message',
  'error.responseType',
  'integration.status',
  'integrationLatency',
];

/**
 * API Gateway's own log, where `-c accessLogs=true` asks for it: it needs a CloudWatch role of the account, which is not
 * for a stack to set.
 * @throws Error if the value makes no sense
 */
export function accessLogOf(stack: Stack, retention: RetentionDays): IAccessLogSettings | undefined {
  const asked = String(stack.node.tryGetContext('accessLogs') ?? false);
  if (!['true', 'false'].includes(asked)) throw new Error(`-c accessLogs=${asked}: must be true or false`);
  if (asked === 'false') return undefined;
  const logGroup = new LogGroup(stack, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const format = Object.fromEntries(FIELDS.map((field) => [field, `$context.${field}`]));
  return {
    destination: new LogGroupLogDestination(logGroup),
    format: AccessLogFormat.custom(JSON.stringify(format)),
  };
}
