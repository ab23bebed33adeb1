// The table Directory: all users and groups, and the removal records of groups.
//   key             name; of a user of an identity provider `@ID`, and of a removal record `#GROUP removed USER`: no name
//                   begins like these, and no id has a space
//   item            kind, created, attemptId; of a group: owner, members (the count), counted, recounts, recounted, its
//                   settings, hasInvited, hasRemoved, generation, first, wanted
//   reserve         PutItem if there is none         register, create_group, the first login of an identity provider's user
//   get             GetItem                          the first message of a chat, join_group, …
//   getMany         BatchGetItem                     list_invitations
//   startTakeover   UpdateItem if it is that group   register, create_group with an empty group's name
//   takeOver        PutItem if still reserved        the same
//   cancelTakeover  UpdateItem if it is that group   join_group by a member
//   count           UpdateItem if not recounted      create_group, join_group, leave_group, remove_member
//   recount         UpdateItem if as read            the same, if the group seems full or was just recounted
//   passOwnership   UpdateItem if as read            leave_group by the owner; any command that finds the owner gone
//   updateSettings  UpdateItem if it is that group   update_group
//   note            UpdateItem if it is that group   invite and remove_member, the first of the group
//   bar             PutItem if of no later group     remove_member
//   unbar           DeleteItem if of that group      invite; unconditional: the erasure of a user
//   isBarred        GetItem                          join_group, remove_member, if anybody was ever removed from the group
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Claimed, Name } from '../chat/model.ts';
import type { Directory } from '../chat/ports.ts';
import { DeleteCommand, PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItem, getItems, type Item, putFirst, type Table } from './table.ts';

/** `Directory` in a DynamoDB table. @param areApart whether users and groups have a namespace each */
export function directoryIn(table: Table, areApart = false): Directory {
  const { client, name: TableName } = table;

  /** @returns the updated group, or the item that made the condition fail */
  async function update(
    { name, attemptId }: Claimed,
    { ConditionExpression: more, ExpressionAttributeValues: values, ...change }: Partial<UpdateCommandInput>,
  ): Promise<{ done: Name } | { refusedBy?: Name }> {
    const isIt = '#attemptId = :attemptId AND kind = :group';
    const command = new UpdateCommand({
      TableName,
      Key: { name },
      ...change,
      ConditionExpression: more === undefined ? isIt : `${isIt} AND ${more}`,
      ExpressionAttributeNames: { '#attemptId': 'attemptId', ...change.ExpressionAttributeNames },
      ExpressionAttributeValues: { ':attemptId': attemptId, ':group': 'group', ...values },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const result = await conditionally(client.send(command));
    if ('done' in result) return { done: toName(result.done.Attributes ?? {}) };
    return { refusedBy: result.refusedBy && toName(result.refusedBy) };
  }

  const keyOf = ({ name, kind }: Pick<Name, 'name' | 'kind'>): string =>
    areApart && kind === 'user' ? `@${name}` : name;

  return {
    areApart,

    reserve: async (name) => toName(await putFirst(table, 'name', { ...name, name: keyOf(name) })),

    async get(name, kind) {
      const item = await getItem(table, { name: keyOf({ name, kind }) });
      if (item !== undefined || !areApart || kind === 'group') return item && toName(item);
      // Of the time before users and groups were apart.
      const earlier = await getItem(table, { name });
      return earlier?.kind === 'user' ? toName(earlier) : undefined;
    },

    async getMany(groups) {
      const items = await getItems(
        table,
        groups.map((name) => ({ name })),
      );
      return new Map(
        items.filter(({ kind }) => kind === 'group').map((item) => [String(item.name), toName(item)]),
      );
    },

    async startTakeover(group, attemptId) {
      const result = await update(group, {
        UpdateExpression: 'SET wanted = :wanted',
        ExpressionAttributeValues: { ':wanted': attemptId },
      });
      return 'done' in result;
    },

    async takeOver({ attemptId }, name) {
      const put = new PutCommand({
        TableName,
        Item: { ...name },
        ConditionExpression: '#attemptId = :attemptId AND wanted = :wanted',
        ExpressionAttributeNames: { '#attemptId': 'attemptId' },
        ExpressionAttributeValues: { ':attemptId': attemptId, ':wanted': name.attemptId },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await conditionally(client.send(put));
      // The same attempt id: the SDK sent this attempt twice.
      return 'done' in result || result.refusedBy?.attemptId === name.attemptId;
    },

    async cancelTakeover(group) {
      return 'done' in (await update(group, { UpdateExpression: 'REMOVE wanted' }));
    },

    async count(group, more, attemptId, most) {
      const room = most === undefined ? '' : ' AND (attribute_not_exists(members) OR members < :most)';
      const result = await update(group, {
        UpdateExpression: `SET counted = :counted ADD members :more${more > 0 ? ' REMOVE wanted' : ''}`,
        ConditionExpression: `(attribute_not_exists(counted) OR counted <> :counted) AND ${unchanged(group, 'recounts')}${room}`,
        ExpressionAttributeValues: {
          ':counted': attemptId,
          ':more': more,
          ...(group.recounts !== undefined && { ':recounts': group.recounts }),
          ...(most !== undefined && { ':most': most }),
        },
      });
      if ('done' in result) return result.done;
      const { refusedBy } = result;
      if (refusedBy?.attemptId !== group.attemptId) return undefined;
      if (refusedBy.counted === attemptId) return refusedBy;
      return { ...refusedBy, refused: refusedBy.recounts === group.recounts ? 'full' : 'recounted' };
    },

    async recount(group, members, attemptId, now) {
      const result = await update(group, {
        UpdateExpression:
          'SET members = :members, recounted = :now, counted = :mine ADD recounts :one REMOVE wanted',
        ConditionExpression: unchanged(group, 'counted'),
        ExpressionAttributeValues: {
          ':members': members,
          ':now': now,
          ':mine': attemptId,
          ':one': 1,
          ...(group.counted !== undefined && { ':counted': group.counted }),
        },
      });
      if ('done' in result) return result.done;
      return result.refusedBy?.counted === attemptId ? result.refusedBy : undefined;
    },

    async passOwnership(group, from, to) {
      const result = await update(group, {
        UpdateExpression: 'SET #owner = :to',
        ConditionExpression: from === undefined ? 'attribute_not_exists(#owner)' : '#owner = :from',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
      });
      if ('done' in result) return result.done;
      return result.refusedBy?.attemptId === group.attemptId ? result.refusedBy : undefined;
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

    async note(group, what) {
      const result = await update(group, {
        UpdateExpression: 'SET #what = :true',
        ExpressionAttributeNames: { '#what': what },
        ExpressionAttributeValues: { ':true': true },
      });
      return 'done' in result;
    },

    async bar({ name: group, attemptId, generation = 0 }, username) {
      const put = new PutCommand({
        TableName,
        Item: { name: removalOf(group, username), group, removed: username, attemptId, generation },
        ConditionExpression: 'attribute_not_exists(generation) OR generation <= :generation',
        ExpressionAttributeValues: { ':generation': generation },
      });
      await conditionally(client.send(put));
    },

    async unbar({ name: group, attemptId }, username) {
      const remove = new DeleteCommand({
        TableName,
        Key: { name: removalOf(group, username) },
        ...(attemptId !== undefined && {
          ConditionExpression: '#attemptId = :attemptId',
          ExpressionAttributeNames: { '#attemptId': 'attemptId' },
          ExpressionAttributeValues: { ':attemptId': attemptId },
        }),
      });
      await conditionally(client.send(remove));
    },

    async isBarred({ name: group, attemptId }, username) {
      const item = await getItem(table, { name: removalOf(group, username) });
      return item?.attemptId === attemptId;
    },
  };
}

/** The condition that an attribute of a group is unchanged since the read. */
const unchanged = (group: Name, attribute: 'counted' | 'recounts') =>
  group[attribute] === undefined ? `attribute_not_exists(${attribute})` : `${attribute} = :${attribute}`;

// Neither `#` nor a space can be in a name.
const removalOf = (group: string, username: string) => `#${group} removed ${username}`;

const toName = ({ name, ...rest }: Item): Name =>
  ({ name: rest.kind === 'user' ? String(name).replace(/^@/, '') : name, ...rest }) as unknown as Name;
