import { type Stack, Validations } from 'aws-cdk-lib';

/**
 * Findings of cdk-nag that we looked at and live with, each with its reason.
 * @param connections what the grant of `posts` names: the ARNs of the stage's connections, as cdk-nag prints them
 */
export function acknowledge(stack: Stack, connections: readonly string[]): void {
  Validations.of(stack).acknowledge(
    {
      id: 'AwsSolutions::AwsSolutions-APIG4',
      reason:
        'A WebSocket API can have an authorizer on $connect only, and anybody may connect: who a connection ' +
        'speaks for is decided by login, and every command checks it.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-APIG1',
      reason:
        'Access logs of API Gateway need a CloudWatch role on the whole account, which is not for a stack to set: they are ' +
        'there with -c accessLogs=true. Every function logs a line for each request.',
    },
    ...connections.map((arn) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arn}]`,
      reason:
        'Connection ids are made by API Gateway; this is one verb on the connections of this one stage.',
    })),
  );
}
