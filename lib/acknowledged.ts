import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

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

/**
 * The same for the page.
 * @param web its resources
 * @param bucket the logical id of its files
 */
export function acknowledgeWeb(web: Construct, bucket: string): void {
  const all = (ids: readonly string[], reason: string) =>
    ids.map((id) => ({ id: `AwsSolutions::AwsSolutions-${id}`, reason }));
  Validations.of(web).acknowledge(
    ...all(
      ['S1', 'CFR3'],
      'The page is public and the same for everybody; who read it is for nobody to keep.',
    ),
    ...all(['CFR1', 'CFR2'], 'The page has no data: what is behind it is guarded at the socket.'),
    ...all(
      ['CFR4'],
      "CloudFront's own certificate takes TLS as it is; a domain of one's own brings a policy of its own.",
    ),
  );
  const handlers = Stack.of(web).node.children.filter(({ node }) =>
    node.id.startsWith('Custom::CDKBucketDeployment'),
  );
  const copying =
    "The function of the CDK that copies the page, at a deployment and at no other time: its rights and its runtime are the CDK's.";
  const actions = ['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'];
  const resources = [
    `arn:<AWS::Partition>:s3:::cdk-${Stack.of(web).synthesizer.bootstrapQualifier}-assets-<AWS::AccountId>-<AWS::Region>/*`,
    `<${bucket}.Arn>/*`,
    '*',
  ];
  for (const handler of handlers) {
    Validations.of(handler).acknowledge(
      ...all(
        [
          'L1',
          'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
          ...actions.map((action) => `IAM5[Action::${action}]`),
          ...resources.map((resource) => `IAM5[Resource::${resource}]`),
        ],
        copying,
      ),
    );
  }
}
