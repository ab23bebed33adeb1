// Names: every user and every group, in one namespace; and who was removed from a group.
//   key          name; of a removal `#GROUP removed USER`, which is no name
//   item         kind, created, mark; of a group: owner, members (how many), recounted, inviteOnly, invited (a set;
//                absent when empty), hasRemoved, generation, first, wanted
//   claim        PutItem if there is none       register, create_group, $connect
//   get          GetItem                        whoever meets a name for the first time, join_group, …
//   want, take   UpdateItem, PutItem if as read register, create_group, $connect of an emptied group's name
//   count        UpdateItem if it is that group create_group, join_group, leave_group, remove_member
//   recount      UpdateItem if as read          join_group of a group that is said to be full
//   pass         UpdateItem if as read          leave_group of the owner
//   restrict     UpdateItem if it is that group update_group
//   invite       UpdateItem if there is room    invite
//   uninvite     UpdateItem if it is that group join_group
//   noteRemoval  UpdateItem if it is that group remove_member
//   bar, unbar   PutItem, DeleteItem            remove_member, invite
//   isBarred     GetItem                        join_group of a group that somebody was removed from
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Claimed, Name, Names } from '../chat/ports.ts';
import { limits } from '../protocol/index.ts';
import { DeleteCommand, PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItem, type Item, putFirst, type Table, writing } from './table.ts';

/** The names in a table. */
export function namesIn(table: Table): Names {
  const { client, name: TableName } = table;

  /** @returns the group as it then is, or what stood against it */
  async function update(
    { name, mark }: Claimed,
    { ConditionExpression: more, ExpressionAttributeValues: values, ...change }: Partial<UpdateCommandInput>,
  ): Promise<{ done: Name } | { refusedBy?: Name }> {
    const isIt = '#mark = :mark AND kind = :group';
    const command = new UpdateCommand({
      TableName,
      Key: { name },
      ...change,
      ConditionExpression: more === undefined ? isIt : `${isIt} AND ${more}`,
      ExpressionAttributeNames: { '#mark': 'mark', ...change.ExpressionAttributeNames },
      ExpressionAttributeValues: { ':mark': mark, ':group': 'group', ...values },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const result = await conditionally(client.send(command));
    if ('done' in result) return { done: toName(result.done.Attributes ?? {}) };
    return { refusedBy: result.refusedBy && toName(result.refusedBy) };
  }

  return {
    claim: async (name) => toName(await putFirst(table, 'name', { ...name })),

    async get(name) {
      const item = await getItem(table, { name });
      return item && toName(item);
    },

    async want(group, mark) {
      const result = await update(group, {
        UpdateExpression: 'SET wanted = :wanted',
        ExpressionAttributeValues: { ':wanted': mark },
      });
      return 'done' in result;
    },

    async take({ mark }, name) {
      const put = new PutCommand({
        TableName,
        Item: { ...name },
        ConditionExpression: '#mark = :mark AND wanted = :wanted',
        ExpressionAttributeNames: { '#mark': 'mark' },
        ExpressionAttributeValues: { ':mark': mark, ':wanted': name.mark },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(put));
      // The same mark: this very attempt, which the SDK made twice.
      return 'done' in result || result.refusedBy?.mark === name.mark;
    },

    async count(group, more) {
      const result = await update(group, {
        UpdateExpression: `ADD members :more${more < 0 ? '' : ' REMOVE wanted'}`,
        ...(more > 0 && { ConditionExpression: '(attribute_not_exists(members) OR members < :most)' }),
        ExpressionAttributeValues: { ':more': more, ...(more > 0 && { ':most': limits.members }) },
      });
      if ('done' in result) return result.done;
      const { refusedBy } = result;
      return refusedBy?.mark === group.mark ? { ...refusedBy, full: true } : undefined;
    },

    async recount(group, members, now) {
      await update(group, {
        UpdateExpression: 'SET members = :members, recounted = :now',
        ConditionExpression: 'members = :read',
        ExpressionAttributeValues: { ':members': members, ':now': now, ':read': group.members },
      });
    },

    async pass(group, from, to) {
      const result = await update(group, {
        UpdateExpression: 'SET #owner = :to',
        ConditionExpression: from === undefined ? 'attribute_not_exists(#owner)' : '#owner = :from',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
      });
      if ('done' in result) return result.done;
      return result.refusedBy?.mark === group.mark ? result.refusedBy : undefined;
    },

    async restrict(group, inviteOnly) {
      await update(group, {
        UpdateExpression: 'SET inviteOnly = :only',
        ExpressionAttributeValues: { ':only': inviteOnly },
      });
    },

    async invite(group, username) {
      const result = await update(group, {
        UpdateExpression: 'ADD invited :user',
        ConditionExpression:
          '(attribute_not_exists(invited) OR size(invited) < :most OR contains(invited, :name))',
        ExpressionAttributeValues: {
          ':user': new Set([username]),
          ':name': username,
          ':most': limits.invitations,
        },
      });
      return 'done' in result;
    },

    async uninvite(group, username) {
      await update(group, {
        UpdateExpression: 'DELETE invited :user',
        ExpressionAttributeValues: { ':user': new Set([username]) },
      });
    },

    async noteRemoval(group, username) {
      await update(group, {
        UpdateExpression: 'SET hasRemoved = :true DELETE invited :user',
        ExpressionAttributeValues: { ':true': true, ':user': new Set([username]) },
      });
    },

    async bar({ name: group, mark }, username) {
      const Item = { name: removalOf(group, username), group, removed: username, mark };
      await writing(client.send(new PutCommand({ TableName, Item })));
    },

    async unbar({ name: group }, username) {
      const Key = { name: removalOf(group, username) };
      await writing(client.send(new DeleteCommand({ TableName, Key })));
    },

    async isBarred({ name: group, mark }, username) {
      const item = await getItem(table, { name: removalOf(group, username) });
      return item?.mark === mark;
    },
  };
}

// Neither `#` nor a space can be in a name.
const removalOf = (group: string, username: string) => `#${group} removed ${username}`;

// A set of the database has no order.
const toName = ({ invited, ...rest }: Item): Name =>
  ({ ...rest, ...(invited instanceof Set && { invited: [...invited].sort() }) }) as unknown as Name;
