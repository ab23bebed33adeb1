import { Stack, Validations } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/**
 * Suppresses findings of cdk-nag that we accept, each with its reason.
 * @param parley only there, not in what else is in the stack
 * @param connections the ARNs of the stage's connections in the grants to post
 */
export function acknowledge(parley: Construct, connections: readonly string[]): void {
  Validations.of(parley).acknowledge(
    {
      id: 'AwsSolutions::AwsSolutions-APIG4',
      reason:
        'A WebSocket API can have an authorizer on $connect only, and browsers do not see why it refused. A login ' +
        'identifies the user of a connection, and every command checks it.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-APIG1',
      reason:
        'Access logs of API Gateway need a CloudWatch role for the whole account, which a stack should not set: ' +
        '`accessLogs` turns them on. Every function logs a line for each request.',
    },
    ...connections.map((arn) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${printed(parley, arn)}]`,
      reason:
        'API Gateway assigns connection ids. The grant is for one verb on the connections of this stage.',
    })),
  );
}

/**
 * Suppresses findings about events.
 * @param route the function's resources
 * @param failed the dead-letter queue
 */
export function acknowledgeEvents(route: Construct, failed: Construct): void {
  Validations.of(route).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda lists streams with this role to find the one that it reads; DynamoDB takes no resource for that.',
  });
  Validations.of(failed).acknowledge({
    id: 'AwsSolutions::AwsSolutions-SQS3',
    reason: 'It is the dead-letter queue of the event source mappings.',
  });
}

/**
 * Suppresses findings about the web page.
 * @param web the page's resources
 * @param bucket the bucket with its files
 */
export function acknowledgeWeb(web: Construct, bucket: IBucket): void {
  const { synthesizer, account, region, partition } = Stack.of(web);
  const all = (ids: readonly string[], reason: string) =>
    ids.map((id) => ({ id: `AwsSolutions::AwsSolutions-${id}`, reason }));
  Validations.of(web).acknowledge(
    ...all(
      ['S1', 'CFR3'],
      'The page is public and the same for everybody, so logs of its readers are not needed.',
    ),
    ...all(['CFR1', 'CFR2'], 'The page contains no data: the WebSocket API protects it.'),
    ...all(
      ['CFR4'],
      "CloudFront's default certificate has a fixed TLS policy; a custom domain can set its own.",
    ),
  );
  const handlers = Stack.of(web).node.children.filter(({ node }) =>
    node.id.startsWith('Custom::CDKBucketDeployment'),
  );
  const copying =
    "The CDK's own function that copies the page's files at deployment: the CDK sets its rights and its runtime.";
  const actions = ['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'];
  const resources = [
    `arn:${partition}:s3:::cdk-${synthesizer.bootstrapQualifier}-assets-${account}-${region}/*`,
    `${bucket.bucketArn}/*`,
    '*',
  ].map((arn) => printed(web, arn));
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

/** A value as cdk-nag prints it, with references like `<AWS::Region>`. */
function printed(scope: Construct, value: string): string {
  const visit = (part: unknown): string => {
    if (typeof part !== 'object' || part === null) return String(part);
    const [[name, argument] = []] = Object.entries(part);
    if (name === 'Ref') return `<${argument}>`;
    if (name === 'Fn::GetAtt') return `<${argument.join('.')}>`;
    if (name === 'Fn::Join') return argument[1].map(visit).join(argument[0]);
    throw new Error(`cdk-nag prints ${name} in a way that is not known here`);
  };
  return visit(Stack.of(scope).resolve(value));
}
