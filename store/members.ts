// Members: which user is in which chat.
//   key        chat_id, username
//   index      by-user: username, chat_id; removed
//   item       role, since, joined, read, attemptId, loginVersion, backBy, away, generation, first; or, for a day after a
//              removal, attemptId, removed, expires (seconds; the time to live), so that no join in progress takes effect
//   join       PutItem if none, or as read     create_group, join_group
//   addPeer    UpdateItem                      the first message between two users
//   leave      DeleteItem if as read           leave_group
//   remove     PutItem if as read              remove_member; create_group, join_group that came too late
//   count      Query                           create_group, join_group, leave_group, remove_member, if the group seems full
//                                              or was just recounted
//   markRead   UpdateItem if there and lower   mark_read
//   get        GetItem                         a message to a group, list_members, all commands on a group
//   getMany    BatchGetItem                    fetch_history, sync, list_chats, mark_read, login
//   markAway   UpdateItem if attemptId and loginVersion are as read   a message to a group
//   markBack   UpdateItem if there             login
//   page       Query                           a message to a group, list_members, typing; finding a new owner, or whether a
//                                              group is empty
//   chatsOf    Query on by-user                sync, list_chats, login
//   groupsOf   Query on by-user                login
import type { Member, MemberRow } from '../chat/model.ts';
import type { Members } from '../chat/ports.ts';
import { DeleteCommand, PutCommand, QueryCommand, UpdateCommand } from './documents.ts';
import {
  attributesOf,
  calling,
  conditionally,
  getItem,
  getItems,
  type Item,
  type Table,
  writing,
} from './table.ts';

const IS_MEMBER = 'attribute_exists(chat_id) AND attribute_not_exists(removed)';

/** `Members` in a DynamoDB table. */
export function membersIn(table: Table): Members {
  const { client, name: TableName } = table;
  return {
    async join({ chat, ...member }, over) {
      const put = new PutCommand({
        TableName,
        Item: { chat_id: chat, ...member },
        ConditionExpression: `attribute_not_exists(chat_id)${over === undefined ? '' : ' OR #attemptId = :over'}`,
        ...(over !== undefined && {
          ExpressionAttributeNames: { '#attemptId': 'attemptId' },
          ExpressionAttributeValues: { ':over': over },
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(put));
      return 'done' in result ? { chat, ...member } : toRow(result.refusedBy ?? {});
    },

    async addPeer(chat, username) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET #role = if_not_exists(#role, :peer), since = if_not_exists(since, :first)',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: { ':peer': 'peer', ':first': 1 },
      });
      await writing(client.send(update));
    },

    async leave({ chat, username, attemptId }) {
      const remove = new DeleteCommand({
        TableName,
        Key: { chat_id: chat, username },
        ...asRead({ attemptId, removed: undefined }),
        ReturnValues: 'ALL_OLD',
      });
      const result = await conditionally(client.send(remove));
      return 'done' in result && result.done.Attributes !== undefined;
    },

    async remove({ chat, username, attemptId }, expires, over) {
      const row = { chat_id: chat, username, attemptId, removed: true, expires: Math.ceil(expires / 1000) };
      const put = new PutCommand({
        TableName,
        Item: row,
        ...asRead({ attemptId: over }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(put));
      if ('done' in result) return toRow(row);
      return result.refusedBy && toRow(result.refusedBy);
    },

    async count(chat, generation) {
      const isOf = generation === undefined ? 'attribute_not_exists(generation)' : 'generation = :generation';
      const found = await attributesOf(table, 'username', {
        ConsistentRead: true,
        KeyConditionExpression: 'chat_id = :chat',
        FilterExpression: `attribute_not_exists(removed) AND ${isOf}`,
        ProjectionExpression: 'username',
        ExpressionAttributeValues: {
          ':chat': chat,
          ...(generation !== undefined && { ':generation': generation }),
        },
      });
      return found.length;
    },

    async markRead(chat, username, seq) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET #read = :seq',
        ConditionExpression: `${IS_MEMBER} AND (attribute_not_exists(#read) OR #read < :seq)`,
        ExpressionAttributeNames: { '#read': 'read' },
        ExpressionAttributeValues: { ':seq': seq },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(update));
      return 'done' in result ? seq : toMember(result.refusedBy)?.read;
    },

    async markAway({ chat, username, attemptId, loginVersion }, from) {
      const { ConditionExpression, ExpressionAttributeValues, ...names } = asRead({
        attemptId,
        loginVersion,
      });
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: 'SET away = :from',
        ConditionExpression: `attribute_exists(chat_id) AND ${ConditionExpression}`,
        ExpressionAttributeValues: { ':from': from, ...ExpressionAttributeValues },
        ...names,
      });
      await conditionally(client.send(update));
    },

    async markBack(chat, username, login) {
      const update = new UpdateCommand({
        TableName,
        Key: { chat_id: chat, username },
        UpdateExpression: `ADD loginVersion :one REMOVE away${login === undefined ? '' : ' SET backBy = :login'}`,
        ConditionExpression: IS_MEMBER,
        ExpressionAttributeValues: { ':one': 1, ...(login !== undefined && { ':login': login }) },
        ReturnValues: 'ALL_NEW',
      });
      const result = await conditionally(client.send(update));
      return 'done' in result ? toMember(result.done.Attributes) : undefined;
    },

    async get(chat, username) {
      const item = await getItem(table, { chat_id: chat, username });
      return toMember(item);
    },

    async getMany(keys, consistency) {
      const items = await getItems(
        table,
        keys.map(({ chat, username }) => ({ chat_id: chat, username })),
        consistency,
      );
      return items.flatMap((item) => toMember(item) ?? []);
    },

    async page(chat, after, limit) {
      const rows: Member[] = [];
      let from: Item | undefined;
      // A query page also ends at 1 MB.
      do {
        const query = new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'chat_id = :chat AND username > :after',
          // A key must not be empty; a space sorts before all names.
          ExpressionAttributeValues: { ':chat': chat, ':after': after || ' ' },
          Limit: limit - rows.length,
          ExclusiveStartKey: from,
        });
        const { Items = [], LastEvaluatedKey } = await calling(client.send(query));
        rows.push(...Items.flatMap((item) => toMember(item) ?? []));
        from = LastEvaluatedKey;
      } while (from !== undefined && rows.length < limit);
      return rows;
    },

    async chatsOf(username, { from, to, limit } = {}) {
      // `to` is exclusive, but DynamoDB's ranges are inclusive: read one more and drop it.
      const most = limit === undefined ? undefined : limit + 1;
      const query = {
        IndexName: 'by-user',
        KeyConditionExpression: `username = :username${inRange(from, to)}`,
        ExpressionAttributeValues: {
          ':username': username,
          ...(from !== undefined && { ':from': from }),
          ...(to !== undefined && { ':to': to }),
        },
        FilterExpression: 'attribute_not_exists(removed)',
        Limit: most,
      };
      const chats = await attributesOf<string>(table, 'chat_id', query, most);
      return chats.filter((chat) => chat !== to).slice(0, limit);
    },

    groupsOf: (username) =>
      attributesOf<string>(table, 'chat_id', {
        IndexName: 'by-user',
        KeyConditionExpression: 'username = :username AND begins_with(chat_id, :group)',
        FilterExpression: 'attribute_not_exists(removed)',
        ExpressionAttributeValues: { ':username': username, ':group': '#' },
      }),
  };
}

/** The condition that these attributes are unchanged since the read, absent ones included. */
function asRead(attributes: Record<string, unknown>) {
  const all = Object.entries(attributes);
  const there = all.filter(([, value]) => value !== undefined);
  return {
    ConditionExpression: all
      .map(([name, value]) =>
        value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}`,
      )
      .join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
    ...(there.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(there.map(([name, value]) => [`:${name}`, value])),
    }),
  };
}

/** The condition on the key. DynamoDB has no range that excludes only its end. */
function inRange(from?: string, to?: string): string {
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return ' AND chat_id >= :from';
  return from === undefined ? ' AND chat_id <= :to' : ' AND chat_id BETWEEN :from AND :to';
}

const toRow = ({ chat_id, ...rest }: Item): MemberRow => ({ chat: chat_id, ...rest }) as MemberRow;

/** The member; undefined without a row, or if the row only records a removal. */
const toMember = (item: Item | undefined): Member | undefined =>
  item === undefined || item.removed ? undefined : toRow(item);
