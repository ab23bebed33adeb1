import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

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
 * API Gateway's access log. It needs a CloudWatch role on the whole account, which a stack shouldn't set, so it is off by
 * default.
 */
export function accessLogOf(scope: Construct, retention: RetentionDays): IAccessLogSettings {
  const logGroup = new LogGroup(scope, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const format = Object.fromEntries(FIELDS.map((field) => [field, `$context.${field}`]));
  return {
    destination: new LogGroupLogDestination(logGroup),
    format: AccessLogFormat.custom(JSON.stringify(format)),
  };
}
