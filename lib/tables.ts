import type { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { TableName } from '../lambdas/runtime/grants.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** The tables, with their keys and expiry; docs/decisions.md explains their number, `store/` their items. */
const shapes = {
  Directory: { partitionKey: text('name') },
  Connections: { partitionKey: text('connection_id'), timeToLiveAttribute: 'expires' },
  Inboxes: { partitionKey: text('username') },
  Overflow: { partitionKey: text('username'), sortKey: text('pointer') },
  Members: {
    partitionKey: text('chat_id'),
    sortKey: text('username'),
    timeToLiveAttribute: 'expires',
    globalSecondaryIndexes: [
      {
        indexName: 'by-user',
        partitionKey: text('username'),
        sortKey: text('chat_id'),
        // The row of a removed member stays for a day, as a removal record.
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ['removed'],
      },
    ],
  },
  Invitations: {
    partitionKey: text('username'),
    sortKey: text('group_id'),
    globalSecondaryIndexes: [
      { indexName: 'by-group', partitionKey: text('group_id'), sortKey: text('username') },
    ],
  },
  Credentials: { partitionKey: text('username') },
  Profiles: { partitionKey: text('id') },
  Sessions: { partitionKey: text('digest'), timeToLiveAttribute: 'expires' },
  RateLimits: { partitionKey: text('id'), timeToLiveAttribute: 'expires' },
  History: {
    partitionKey: text('chat_id'),
    sortKey: { name: 'seq', type: AttributeType.NUMBER },
    timeToLiveAttribute: 'expires',
  },
} satisfies Record<TableName, TablePropsV2>;

/**
 * What the records of a table's stream hold, where there are events (lib/events.ts). Those of Credentials hold no password's
 * hash.
 */
const streams: Partial<Record<TableName, StreamViewType>> = {
  History: StreamViewType.NEW_AND_OLD_IMAGES,
  Members: StreamViewType.NEW_AND_OLD_IMAGES,
  Directory: StreamViewType.NEW_AND_OLD_IMAGES,
  Profiles: StreamViewType.NEW_AND_OLD_IMAGES,
  Credentials: StreamViewType.KEYS_ONLY,
  Inboxes: StreamViewType.NEW_AND_OLD_IMAGES,
  // Its items are their keys.
  Overflow: StreamViewType.KEYS_ONLY,
};

export type Tables = Record<TableName, TableV2>;

/**
 * Creates the tables. Their ids, their place right in the scope, and their keys never change within a major version:
 * CloudFormation would replace them.
 */
export function makeTables(
  scope: Construct,
  removalPolicy: RemovalPolicy,
  deletionProtection: boolean,
  hasEvents: boolean,
): Tables {
  const tables = Object.entries(shapes).map(([id, shape]) => [
    id,
    new TableV2(scope, id, {
      ...shape,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection,
      dynamoStream: hasEvents ? streams[id as TableName] : undefined,
      removalPolicy,
    }),
  ]);
  return Object.fromEntries(tables) as Tables;
}
