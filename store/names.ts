// Names: every user and every group, in one namespace.
//   key        name
//   item       kind, created, mark; of a group: creator, members (how many, within a few), inviteOnly, invited (a set; absent when empty)
//   claim      PutItem if there is none     register, create_group
//   get        GetItem                      whoever meets a name for the first time, join_group, …
//   count      UpdateItem if it is there    join_group, leave_group, remove_member
//   restrict   UpdateItem if it is there    update_group, create_group of a deserted one
//   invite     UpdateItem if there is room  invite
//   uninvite   UpdateItem if it is there    join_group, remove_member
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Name, Names } from '../chat/ports.ts';
import { limits } from '../protocol/index.ts';
import { UpdateCommand } from './documents.ts';
import { conditionally, getItem, type Item, putFirst, type Table } from './table.ts';

/** The names in a table. */
export function namesIn(table: Table): Names {
  /** Whether nothing stood against it. */
  async function update(name: string, change: Partial<UpdateCommandInput>): Promise<boolean> {
    const exists = 'attribute_exists(#name)';
    const command = new UpdateCommand({
      TableName: table.name,
      Key: { name },
      ...change,
      ConditionExpression: [exists, change.ConditionExpression].filter(Boolean).join(' AND '),
      ExpressionAttributeNames: { '#name': 'name' },
    });
    return 'done' in (await conditionally(table.client.send(command)));
  }
  return {
    claim: async (name) => toName(await putFirst(table, ['name'], { ...name })),

    async get(name) {
      const item = await getItem(table, { name });
      return item && toName(item);
    },

    async count(group, more) {
      await update(group, {
        UpdateExpression: 'ADD members :more',
        ExpressionAttributeValues: { ':more': more },
      });
    },

    async restrict(group, inviteOnly) {
      await update(group, {
        UpdateExpression: 'SET inviteOnly = :only',
        ExpressionAttributeValues: { ':only': inviteOnly },
      });
    },

    invite: (group, username) =>
      update(group, {
        UpdateExpression: 'ADD invited :user',
        ConditionExpression:
          '(attribute_not_exists(invited) OR size(invited) < :most OR contains(invited, :name))',
        ExpressionAttributeValues: {
          ':user': new Set([username]),
          ':name': username,
          ':most': limits.invitations,
        },
      }),

    async uninvite(group, username) {
      await update(group, {
        UpdateExpression: 'DELETE invited :user',
        ExpressionAttributeValues: { ':user': new Set([username]) },
      });
    },
  };
}

// A set of the database has no order.
const toName = ({ invited, ...rest }: Item): Name =>
  ({ ...rest, ...(invited instanceof Set && { invited: [...invited].sort() }) }) as unknown as Name;
