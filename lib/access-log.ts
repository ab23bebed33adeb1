import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { isAsked } from './context.ts';

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
 * @throws BadContext if the value makes no sense
 */
export function accessLogOf(stack: Stack, retention: RetentionDays): IAccessLogSettings | undefined {
  if (!isAsked(stack.node, 'accessLogs')) return undefined;
  const logGroup = new LogGroup(stack, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const format = Object.fromEntries(FIELDS.map((field) => [field, `$context.${field}`]));
  return {
    destination: new LogGroupLogDestination(logGroup),
    format: AccessLogFormat.custom(JSON.stringify(format)),
  };
}
