// Inboxes: one item per user with their connections and pointers.
//   key            username
//   item           connections { connection id → form, since, login, until, back }, pending { chat → first pending seq }, overflow,
//                  has_pending, epoch, revoked, last_seen, ended (how many connections have ended)
//   getMany        BatchGetItem                                          every message, presence, list_members, …
//   connect        UpdateItem if there is room, in an epoch              login
//   create         PutItem if there is none                              register
//   disconnect     UpdateItem if it is connected                         logout, $disconnect, finding a dead connection
//   forget         UpdateItem                                            npm run admin -- erase
//   revoke         UpdateItem                                            logout everywhere, change_password
//   markPending    UpdateItem if nobody is connected and there is room   a message to an offline user
//   startOverflow  UpdateItem if nobody is connected                     the same, if the inbox is full
//   ackPending     UpdateItem if connected since that login              login, after delivery; sync
// Whatever needs a missing item creates it. While anything is pending, `has_pending` is there: Lambda's filters can't see whether
// a map is empty, and let only such changes through to the function `events` (lib/events.ts). `ended` tells one absence from the next:
// two may have the same `last_seen`, as a login that dies counts from its begin, by another function's clock.
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Device, type Handed, INBOX_POINTERS, type Inbox, isFullInbox } from '../chat/model.ts';
import type { Inboxes } from '../chat/ports.ts';
import { PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItems, type Item, type Table } from './table.ts';

/** `Inboxes` in a DynamoDB table. */
export function inboxesIn(table: Table): Inboxes {
  return {
    async getMany(usernames) {
      const items = await getItems(
        table,
        usernames.map((username) => ({ username })),
      );
      const found = new Map(items.map((item) => [item.username, toInbox(item)]));
      return new Map(usernames.map((username) => [username, found.get(username) ?? toInbox(undefined)]));
    },

    async connect(
      username,
      connectionId,
      device,
      { epoch = Number.MAX_SAFE_INTEGER, issued } = {},
      most = Number.MAX_SAFE_INTEGER,
    ) {
      const result = await updateOrCreate(table, username, {
        UpdateExpression: 'SET connections.#connection = :device',
        ConditionExpression: [
          '(attribute_not_exists(epoch) OR epoch <= :epoch)',
          ...(issued === undefined ? [] : ['(attribute_not_exists(revoked) OR revoked < :issued)']),
          '(size(connections) < :most OR attribute_exists(connections.#connection))',
        ].join(' AND '),
        ExpressionAttributeNames: { '#connection': connectionId },
        ExpressionAttributeValues: {
          ...{ ':device': device, ':epoch': epoch, ':most': most },
          ...(issued !== undefined && { ':issued': issued }),
        },
        fresh: { connections: { [connectionId]: device }, pending: {} },
      });
      return result.refused ? { ...result.inbox, refused: true } : result.inbox;
    },

    async create(username) {
      await conditionally(table.client.send(creation(table, username, { connections: {}, pending: {} })));
    },

    async disconnect(username, connectionId, seen, login) {
      // Leaves last_seen alone for connections that are not listed: a refused login removes one that it never added.
      const result = await update(table, username, {
        UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
        ConditionExpression:
          login === undefined
            ? 'attribute_exists(connections.#connection)'
            : 'connections.#connection.#login = :login',
        ExpressionAttributeNames: {
          '#connection': connectionId,
          ...(login !== undefined && { '#login': 'login' }),
        },
        ExpressionAttributeValues: {
          ...{ ':seen': seen, ':one': 1 },
          ...(login !== undefined && { ':login': login }),
        },
      });
      return result.inbox ?? toInbox(undefined);
    },

    async forget(username) {
      await update(table, username, {
        UpdateExpression:
          'SET pending = :none, connections = :none REMOVE last_seen, overflow, has_pending ADD ended :one',
        ExpressionAttributeValues: { ':none': {}, ':one': 1 },
      });
    },

    async revoke(username, now) {
      // Without an item there has been no login, so there is nothing to end.
      const result = await update(table, username, {
        UpdateExpression: 'SET revoked = :now ADD epoch :one',
        ExpressionAttributeValues: { ':one': 1, ':now': now },
      });
      return result.inbox ?? toInbox(undefined);
    },

    async markPending(username, chat, seq) {
      const result = await updateOrCreate(table, username, {
        UpdateExpression: 'SET pending.#chat = :seq, has_pending = :true',
        ConditionExpression:
          'size(connections) = :none AND ' +
          '(attribute_not_exists(pending.#chat) AND size(pending) < :room OR pending.#chat > :seq)',
        ExpressionAttributeNames: { '#chat': chat },
        ExpressionAttributeValues: { ':seq': seq, ':none': 0, ':room': INBOX_POINTERS, ':true': true },
        fresh: { connections: {}, pending: { [chat]: seq }, has_pending: true },
      });
      return result.refused ? result.inbox : undefined;
    },

    async startOverflow(username, overflow) {
      const { refused, inbox } = await update(table, username, {
        UpdateExpression: 'SET overflow = :overflow, has_pending = :true',
        // Accepts the same id, because the SDK may send it twice.
        ConditionExpression:
          'size(connections) = :none AND (attribute_not_exists(overflow) OR overflow = :overflow)',
        ExpressionAttributeValues: { ':overflow': overflow, ':none': 0, ':true': true },
      });
      return refused ? (inbox ?? toInbox(undefined)) : undefined;
    },

    async ackPending(username, connectionId, login, handed, all, back, none) {
      const write = (also?: typeof none) =>
        update(table, username, acknowledgement(connectionId, login, handed, all, back, also));
      // A longer condition might not fit. A note too many costs the function `events` an invocation, and no more.
      const first = await write(handed.length <= INBOX_POINTERS ? none : undefined);
      if (!first.refused) return true;
      const isListed = first.inbox?.connections.get(connectionId)?.login === login;
      if (none === undefined || !isListed) return false;
      // Another login has changed what is pending, or the SDK has repeated this one's write.
      return !(await write()).refused;
    },
  };
}

type Change = Pick<UpdateCommandInput, 'UpdateExpression'> &
  Partial<
    Pick<UpdateCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>
  >;

interface Updated {
  /** Whether the condition failed. */
  refused: boolean;
  /** The item as it is now; undefined if there is none, and then nothing was written. */
  inbox?: Inbox;
}

async function update({ client, name }: Table, username: string, change: Change): Promise<Updated> {
  const exists = 'attribute_exists(username)';
  const condition = change.ConditionExpression ? `${exists} AND ${change.ConditionExpression}` : exists;
  const command = new UpdateCommand({
    TableName: name,
    Key: { username },
    ...change,
    ConditionExpression: condition,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const result = await conditionally(client.send(command));
  if ('done' in result) return { refused: false, inbox: toInbox(result.done.Attributes) };
  return { refused: true, inbox: result.refusedBy && toInbox(result.refusedBy) };
}

const creation = ({ name }: Table, username: string, item: Item) =>
  new PutCommand({
    TableName: name,
    Item: { username, ...item },
    ConditionExpression: 'attribute_not_exists(username)',
  });

/** Updates the item, or creates it with `fresh`, the result of the update on an empty inbox. */
async function updateOrCreate(
  table: Table,
  username: string,
  { fresh, ...change }: Change & { fresh: Item },
): Promise<Updated & { inbox: Inbox }> {
  for (;;) {
    const { refused, inbox } = await update(table, username, change);
    if (inbox !== undefined) return { refused, inbox };
    // If the creation is refused, another request has created the item, so the update can be repeated.
    const created = await conditionally(table.client.send(creation(table, username, fresh)));
    if ('done' in created) return { refused: false, inbox: toInbox(fresh) };
  }
}

/** The update that removes each pointer or moves it forward to `to`; see `Inboxes.ackPending`. */
function acknowledgement(
  connectionId: string,
  login: string,
  handed: readonly Handed[],
  all?: 'and the overflow',
  back?: 'and is back',
  none?: 'and nothing is left',
): Change {
  const names: Record<string, string> = { '#connection': connectionId, '#login': 'login' };
  const values: Record<string, unknown> = { ':login': login };
  const conditions = ['connections.#connection.#login = :login'];
  const [sets, removes]: [string[], string[]] = [[], all ? ['overflow'] : []];
  for (const [index, { chat, to }] of handed.entries()) {
    names[`#c${index}`] = chat;
    if (to === undefined) {
      removes.push(`pending.#c${index}`);
    } else {
      values[`:t${index}`] = to;
      sets.push(`pending.#c${index} = :t${index}`);
    }
  }
  if (back) {
    names['#back'] = 'back';
    values[':true'] = true;
    sets.push('connections.#connection.#back = :true');
  }
  if (handed.some(({ to }) => to !== undefined)) {
    // Another login may just have removed it.
    values[':true'] = true;
    sets.push('has_pending = :true');
  } else if (none) {
    // Only if these are all that is there: another login may have put one back that this one has removed.
    values[':count'] = handed.length;
    conditions.push('size(pending) = :count');
    conditions.push(...handed.map((_, index) => `attribute_exists(pending.#c${index})`));
    removes.push('has_pending');
  }
  const parts = [
    sets.length ? `SET ${sets.join(', ')}` : '',
    removes.length ? `REMOVE ${removes.join(', ')}` : '',
  ];
  return {
    // With nothing to write, only the condition is checked.
    UpdateExpression: parts.join(' ').trim() || undefined,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function toInbox(item: Item | undefined): Inbox {
  const pending = new Map(Object.entries((item?.pending ?? {}) as Record<string, number>));
  return {
    connections: new Map(Object.entries((item?.connections ?? {}) as Record<string, Device>)),
    pending,
    ...(isFullInbox(pending.keys()) && { full: true }),
    ...(item?.overflow !== undefined && { overflow: String(item.overflow) }),
    epoch: Number(item?.epoch ?? 0),
    ...(item?.revoked !== undefined && { revoked: Number(item.revoked) }),
    ...(item?.last_seen !== undefined && { lastSeen: Number(item.last_seen) }),
    ...(item === undefined && { missing: true }),
  };
}
