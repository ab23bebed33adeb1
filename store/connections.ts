// Connections: which user each connection is logged in as.
//   key        connection_id
//   item       username, form, session, login, until; expires (seconds; the time to live)
//   bind       PutItem if unbound or bound to the same user     login, change_password
//   get        GetItem                                          every command of a logged-in user, $disconnect
//   restore    PutItem if it is that login's                    a failed login on a connection that was logged in before
//   unbind     DeleteItem if bound to that user                 logout, $disconnect, any other failed login, ending sessions,
//                                                               a failed post
import { type Bound, CONNECTION_LIFE, type Millis } from '../chat/model.ts';
import type { Connections } from '../chat/ports.ts';
import { DeleteCommand, PutCommand } from './documents.ts';
import { conditionally, getItem, type Item, type Table } from './table.ts';

/** `Connections` in a DynamoDB table. */
export function connectionsIn(table: Table): Connections {
  const { client, name: TableName } = table;
  return {
    async bind(connectionId, bound, now) {
      const put = new PutCommand({
        TableName,
        Item: toItem(connectionId, bound, now),
        ConditionExpression: 'attribute_not_exists(connection_id) OR username = :username',
        ExpressionAttributeValues: { ':username': bound.username },
        ReturnValues: 'ALL_OLD',
      });
      const result = await conditionally(client.send(put));
      if ('refusedBy' in result) return false;
      const before = result.done.Attributes;
      return before ? { before: toBound(before) } : {};
    },

    async restore(connectionId, before, login, now) {
      const put = new PutCommand({
        TableName,
        Item: toItem(connectionId, before, now),
        ConditionExpression: 'login = :login',
        ExpressionAttributeValues: { ':login': login },
      });
      await conditionally(client.send(put));
    },

    async unbind(connectionId, username) {
      const unbind = new DeleteCommand({
        TableName,
        Key: { connection_id: connectionId },
        ConditionExpression: 'username = :username',
        ExpressionAttributeValues: { ':username': username },
      });
      await conditionally(client.send(unbind));
    },

    async get(connectionId) {
      const item = await getItem(table, { connection_id: connectionId });
      return item && toBound(item);
    },
  };
}

// Reads don't check `expires`: a connection that still sends requests has not expired.
const toItem = (connectionId: string, bound: Bound, now: Millis): Item => ({
  connection_id: connectionId,
  ...bound,
  expires: Math.floor((now + CONNECTION_LIFE) / 1000),
});

const toBound = ({ connection_id: _, expires: __, ...bound }: Item): Bound => bound as unknown as Bound;
