import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { isEnabled } from './config.ts';

// Nothing that the client writes or that identifies it, and no query string: it may hold the client's token.
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
 * Returns API Gateway's access log settings if `-c accessLogs=true`. They need a CloudWatch role on the whole account,
 * which a stack shouldn't set.
 * @throws ConfigError if the value is invalid
 */
export function accessLogOf(stack: Stack, retention: RetentionDays): IAccessLogSettings | undefined {
  if (!isEnabled(stack.node, 'accessLogs')) return undefined;
  const logGroup = new LogGroup(stack, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const format = Object.fromEntries(FIELDS.map((field) => [field, `$context.${field}`]));
  return {
    destination: new LogGroupLogDestination(logGroup),
    format: AccessLogFormat.custom(JSON.stringify(format)),
  };
}
