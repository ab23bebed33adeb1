// Members: who is in which chat.
//   key        chat_id, username
//   index      by-user: username, chat_id
//   join       PutItem if there is none        create_group, join_group
//   meet       UpdateItem                      the first message between two users
//   leave      DeleteItem                      leave_group
//   markRead   UpdateItem if there and lower   mark_read
//   get        GetItem                         a message to a group, leave_group
//   getMany    BatchGetItem                    fetch_history, sync, list_chats, mark_read, login
//   markAway   UpdateItem if its turn is as read   a message to a group
//   markBack   UpdateItem if there             login
//   page       Query                           a message to a group, list_members, typing
//   chatsOf    Query on by-user                sync, list_chats, login
//   groupsOf   Query on by-user                login
import type { Member, Members } from '../chat/ports.ts';
import { DeleteCommand, PutCommand, QueryCommand, UpdateCommand } from './documents.ts';
import { attributesOf, calling, conditionally, getItem, getItems, type Item, type Table } from './table.ts';

// A row from before turns were kept.
const UNTURNED = 'attribute_exists(chat_id) AND attribute_not_exists(turn)';

/** The members in a table. */
export function membersIn(table: Table): Members {
  const { client, name: TableName } = table;
  return {
    async join({ chat, ...member }) {
      const put = new PutCommand({
        TableName,
        Item: { chat_id: chat, ...member },
        ConditionExpression: 'attribute_not_exists(chat_id)',
      });
      await conditionally(client.send(put));
    },

    async meet(chat, username) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET #role = if_not_exists(#role, :peer), since = if_not_exists(since, :first)',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: { ':peer': 'peer', ':first': 1 },
      });
      await calling(client.send(update));
    },

    async leave(chat, username) {
      await calling(client.send(new DeleteCommand({ TableName, Key: { chat_id: chat, username } })));
    },

    async markRead(chat, username, seq) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET #read = :seq',
        ConditionExpression: 'attribute_exists(chat_id) AND (attribute_not_exists(#read) OR #read < :seq)',
        ExpressionAttributeNames: { '#read': 'read' },
        ExpressionAttributeValues: { ':seq': seq },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(update));
      return 'done' in result ? seq : (result.refusedBy?.read as number | undefined);
    },

    async markAway(chat, username, turn, from) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET away = :from',
        ConditionExpression: turn === undefined ? UNTURNED : 'turn = :turn',
        ExpressionAttributeValues: { ':from': from, ...(turn !== undefined && { ':turn': turn }) },
      });
      await conditionally(client.send(update));
    },

    async markBack(chat, username, turn) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET turn = :turn REMOVE away',
        ConditionExpression: 'attribute_exists(chat_id)',
        ExpressionAttributeValues: { ':turn': turn },
        ReturnValues: 'ALL_NEW',
      });
      const result = await conditionally(client.send(update));
      return 'done' in result && result.done.Attributes ? toMember(result.done.Attributes) : undefined;
    },

    async get(chat, username) {
      const item = await getItem(table, { chat_id: chat, username });
      return item && toMember(item);
    },

    async getMany(keys, consistency) {
      const items = await getItems(
        table,
        keys.map(({ chat, username }) => ({ chat_id: chat, username })),
        consistency,
      );
      return items.map(toMember);
    },

    async page(chat, after, limit) {
      const rows: Member[] = [];
      let from: Item | undefined;
      // An answer ends at 1 MB as well.
      do {
        const query = new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'chat_id = :chat AND username > :after',
          // No name is empty, and no key may be.
          ExpressionAttributeValues: { ':chat': chat, ':after': after || ' ' },
          Limit: limit - rows.length,
          ExclusiveStartKey: from,
        });
        const { Items = [], LastEvaluatedKey } = await calling(client.send(query));
        rows.push(...Items.map(toMember));
        from = LastEvaluatedKey;
      } while (from !== undefined && rows.length < limit);
      return rows;
    },

    async chatsOf(username, { from, to } = {}) {
      const chats = await attributesOf<string>(table, 'chat_id', {
        IndexName: 'by-user',
        KeyConditionExpression: `username = :username${inRange(from, to)}`,
        ExpressionAttributeValues: {
          ':username': username,
          ...(from !== undefined && { ':from': from }),
          ...(to !== undefined && { ':to': to }),
        },
      });
      return chats.filter((chat) => chat !== to);
    },

    groupsOf: (username) =>
      attributesOf<string>(table, 'chat_id', {
        IndexName: 'by-user',
        KeyConditionExpression: 'username = :username AND begins_with(chat_id, :group)',
        ExpressionAttributeValues: { ':username': username, ':group': '#' },
      }),
  };
}

/** A condition on the key; the database has none that leaves out the end alone. */
function inRange(from?: string, to?: string): string {
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return ' AND chat_id >= :from';
  return from === undefined ? ' AND chat_id <= :to' : ' AND chat_id BETWEEN :from AND :to';
}

const toMember = ({ chat_id, ...rest }: Item): Member => ({ chat: chat_id, ...rest }) as Member;
