// Overflow: the pointers that inboxes have no room for.
//   key      username, pointer: the overflow id, the chat, the first pending seq in 16 digits, the pointer's id
//   item     only its key
//   add      PutItem             a message to an offline user with a full inbox
//   page     Query               the next login and sync of that user
//   remove   DeleteItem          likewise
//   forget   Query, DeleteItem   npm run admin -- erase

import type { Overflow } from '../chat/ports.ts';
import { DeleteCommand, PutCommand, QueryCommand } from './documents.ts';
import { keyOf, pointerOf } from './overflow-key.ts';
import { attributesOf, calling, type Table, writing } from './table.ts';

/** `Overflow` in a DynamoDB table. */
export function overflowIn(table: Table): Overflow {
  const { client, name: TableName } = table;
  const remove = (username: string, pointer: string) =>
    writing(client.send(new DeleteCommand({ TableName, Key: { username, pointer } })));
  return {
    async add(username, pointer) {
      await writing(client.send(new PutCommand({ TableName, Item: { username, pointer: keyOf(pointer) } })));
    },

    async page(username, overflow, limit, after) {
      const query = new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'username = :username AND begins_with(pointer, :overflow)',
        ExpressionAttributeValues: { ':username': username, ':overflow': `${overflow} ` },
        Limit: limit,
        ExclusiveStartKey: after && { username, pointer: keyOf(after) },
      });
      const { Items = [], LastEvaluatedKey } = await calling(client.send(query));
      return {
        pointers: Items.map(({ pointer }) => pointerOf(String(pointer))),
        more: LastEvaluatedKey !== undefined,
      };
    },

    async remove(username, pointer) {
      await remove(username, keyOf(pointer));
    },

    async forget(username) {
      const pointers = await attributesOf<string>(table, 'pointer', {
        ConsistentRead: true,
        KeyConditionExpression: 'username = :username',
        ExpressionAttributeValues: { ':username': username },
      });
      for (const pointer of pointers) await remove(username, pointer);
    },
  };
}
