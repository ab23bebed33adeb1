// Names: every user and every group, in one namespace; and who was removed from a group.
//   key            name; of a removal `#GROUP removed USER`, which is no name
//   item           kind, created, mark; of a group: owner, members (how many), counted, recounts, recounted, its
//                  settings, invited (a set; absent when empty), hasRemoved, generation, first, wanted
//   reserve        PutItem if there is none       register, create_group, $connect
//   get            GetItem                        whoever meets a name for the first time, join_group, …
//   startTakeover  UpdateItem if it is that group register, create_group, $connect of an emptied group's name
//   takeOver       PutItem if still wanted        the same
//   cancelTakeover UpdateItem if it is that group join_group of who is in
//   count          UpdateItem if not recounted    create_group, join_group, leave_group, remove_member
//   recount        UpdateItem if as read          the same, of a group that is said to be full, or was just recounted
//   passOwnership  UpdateItem if as read          leave_group of the owner; whoever finds that the owner is no member
//   updateSettings UpdateItem if it is that group what its owner decides: update_group
//   invite         UpdateItem if there is room    invite
//   uninvite       UpdateItem if it is that group join_group, the erasure of a user
//   noteRemoval    UpdateItem if it is that group remove_member
//   bar            PutItem if of no later group   remove_member
//   unbar          DeleteItem if of that group    invite; any, the erasure of a user
//   isBarred       GetItem                        join_group, remove_member of a group that somebody was removed from
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Claimed, Name } from '../chat/model.ts';
import type { Directory } from '../chat/ports.ts';
import { limits } from '../protocol/index.ts';
import { DeleteCommand, PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItem, type Item, putFirst, type Table } from './table.ts';

/** The names in a table. */
export function directoryIn(table: Table): Directory {
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
    reserve: async (name) => toName(await putFirst(table, 'name', { ...name })),

    async get(name) {
      const item = await getItem(table, { name });
      return item && toName(item);
    },

    async startTakeover(group, mark) {
      const result = await update(group, {
        UpdateExpression: 'SET wanted = :wanted',
        ExpressionAttributeValues: { ':wanted': mark },
      });
      return 'done' in result;
    },

    async takeOver({ mark }, name) {
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

    async cancelTakeover(group) {
      return 'done' in (await update(group, { UpdateExpression: 'REMOVE wanted' }));
    },

    async count(group, more, mark, most) {
      const room = most === undefined ? '' : ' AND (attribute_not_exists(members) OR members < :most)';
      const result = await update(group, {
        UpdateExpression: `SET counted = :counted ADD members :more${more > 0 ? ' REMOVE wanted' : ''}`,
        ConditionExpression: `(attribute_not_exists(counted) OR counted <> :counted) AND ${as(group, 'recounts')}${room}`,
        ExpressionAttributeValues: {
          ':counted': mark,
          ':more': more,
          ...(group.recounts !== undefined && { ':recounts': group.recounts }),
          ...(most !== undefined && { ':most': most }),
        },
      });
      if ('done' in result) return result.done;
      const { refusedBy } = result;
      if (refusedBy?.mark !== group.mark) return undefined;
      if (refusedBy.counted === mark) return refusedBy;
      return { ...refusedBy, refused: refusedBy.recounts === group.recounts ? 'full' : 'recounted' };
    },

    async recount(group, members, mark, now) {
      const result = await update(group, {
        UpdateExpression:
          'SET members = :members, recounted = :now, counted = :mine ADD recounts :one REMOVE wanted',
        ConditionExpression: as(group, 'counted'),
        ExpressionAttributeValues: {
          ':members': members,
          ':now': now,
          ':mine': mark,
          ':one': 1,
          ...(group.counted !== undefined && { ':counted': group.counted }),
        },
      });
      if ('done' in result) return result.done;
      return result.refusedBy?.counted === mark ? result.refusedBy : undefined;
    },

    async passOwnership(group, from, to) {
      const result = await update(group, {
        UpdateExpression: 'SET #owner = :to',
        ConditionExpression: from === undefined ? 'attribute_not_exists(#owner)' : '#owner = :from',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
      });
      if ('done' in result) return result.done;
      return result.refusedBy?.mark === group.mark ? result.refusedBy : undefined;
    },

    async updateSettings(group, settings) {
      const given = Object.entries(settings);
      const result = await update(group, {
        UpdateExpression: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
      });
      return 'done' in result;
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

    async bar({ name: group, mark, generation = 0 }, username) {
      const put = new PutCommand({
        TableName,
        Item: { name: removalOf(group, username), group, removed: username, mark, generation },
        ConditionExpression: 'attribute_not_exists(generation) OR generation <= :generation',
        ExpressionAttributeValues: { ':generation': generation },
      });
      await conditionally(client.send(put));
    },

    async unbar({ name: group, mark }, username) {
      const remove = new DeleteCommand({
        TableName,
        Key: { name: removalOf(group, username) },
        ...(mark !== undefined && {
          ConditionExpression: '#mark = :mark',
          ExpressionAttributeNames: { '#mark': 'mark' },
          ExpressionAttributeValues: { ':mark': mark },
        }),
      });
      await conditionally(client.send(remove));
    },

    async isBarred({ name: group, mark }, username) {
      const item = await getItem(table, { name: removalOf(group, username) });
      return item?.mark === mark;
    },
  };
}

/** The condition that an attribute of a group is as it was read. */
const as = (group: Name, attribute: 'counted' | 'recounts') =>
  group[attribute] === undefined ? `attribute_not_exists(${attribute})` : `${attribute} = :${attribute}`;

// Neither `#` nor a space can be in a name.
const removalOf = (group: string, username: string) => `#${group} removed ${username}`;

// A set of the database has no order.
const toName = ({ invited, ...rest }: Item): Name =>
  ({ ...rest, ...(invited instanceof Set && { invited: [...invited].sort() }) }) as unknown as Name;
