// Invitations: the groups that users are invited to and haven't joined. Not in the group's item, since a user must find their
// own; not in Members, since strangers could fill what list_chats, sync and login read there.
//   key      username, group_id
//   index    by-group: group_id, username; the whole item
//   item     inviter, at, id, attemptId and generation of the group, wasRemoved
//   put      PutItem if of no later group   invite
//   get      GetItem                        join_group, invite, remove_member, if anybody was ever invited to the group;
//                                           leave_group by who isn't a member
//   remove   DeleteItem if as read          join_group, leave_group, remove_member; list_invitations, if the group has
//                                           ended; the erasure of a user
//   page     Query                          list_invitations, the erasure of a user
//   pageOf   Query on by-group              list_invitations of a group
import type { Invitation } from '../chat/model.ts';
import type { Invitations } from '../chat/ports.ts';
import { DeleteCommand, PutCommand, QueryCommand } from './documents.ts';
import { calling, conditionally, getItem, type Item, type Table } from './table.ts';

/** `Invitations` in a DynamoDB table. */
export function invitationsIn(table: Table): Invitations {
  const { client, name: TableName } = table;
  return {
    async put({ username, group, by, ...rest }) {
      const put = new PutCommand({
        TableName,
        Item: { username, group_id: group, inviter: by, ...rest },
        ConditionExpression: 'attribute_not_exists(generation) OR generation <= :generation',
        ExpressionAttributeValues: { ':generation': rest.generation ?? 0 },
      });
      await conditionally(client.send(put));
    },

    async get(username, group) {
      const item = await getItem(table, { username, group_id: group });
      return item && toInvitation(item);
    },

    async remove({ username, group, id }) {
      const remove = new DeleteCommand({
        TableName,
        Key: { username, group_id: group },
        ConditionExpression: '#id = :id',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':id': id },
      });
      await conditionally(client.send(remove));
    },

    async page(username, after, limit) {
      const query = new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'username = :username AND group_id > :after',
        // A key must not be empty; a space sorts before all names.
        ExpressionAttributeValues: { ':username': username, ':after': after || ' ' },
        // Far below 1 MB, where a query page ends.
        Limit: limit,
      });
      const { Items = [] } = await calling(client.send(query));
      return Items.map(toInvitation);
    },

    async pageOf(group, after, limit) {
      const query = new QueryCommand({
        TableName,
        IndexName: 'by-group',
        KeyConditionExpression: 'group_id = :group AND username > :after',
        // As above.
        ExpressionAttributeValues: { ':group': group, ':after': after || ' ' },
        Limit: limit,
      });
      const { Items = [] } = await calling(client.send(query));
      return Items.map(toInvitation);
    },
  };
}

const toInvitation = ({ group_id: group, inviter: by, ...rest }: Item): Invitation =>
  ({ group, by, ...rest }) as Invitation;
