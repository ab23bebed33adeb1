/** A resource that has state, or an address that clients know. */
export interface Stateful {
  Type: string;
  DeletionPolicy?: string;
  /** The properties whose change makes CloudFormation replace the resource, or lose an index. */
  Properties: Record<string, unknown>;
}

interface Template {
  Resources: Record<string, { Type: string; DeletionPolicy?: string; Properties?: Record<string, unknown> }>;
}

// By type, from "Update requires: Replacement" in CloudFormation's reference; of a table also what its data is found by.
const lasting: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': [
    'TableName',
    'KeySchema',
    'AttributeDefinitions',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'TimeToLiveSpecification',
  ],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::ApiGatewayV2::Stage': ['StageName'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::CloudFront::Distribution': [],
};

/** What an update of a deployment must neither replace nor remove. */
export const statefulIn = ({ Resources }: Template): Record<string, Stateful> =>
  Object.fromEntries(
    Object.entries(Resources).flatMap(([id, { Type, DeletionPolicy, Properties = {} }]) => {
      const names = lasting[Type];
      if (names === undefined) return [];
      const kept = names.flatMap((name) =>
        Properties[name] === undefined ? [] : [[name, Properties[name]]],
      );
      return [[id, { Type, DeletionPolicy, Properties: Object.fromEntries(kept) }] as const];
    }),
  );
