// History: the log of every chat.
//   key        chat_id, seq
//   put        PutItem if the slot is free     every message
//   newest     Query, backward                 every message, join_group, create_group, mark_read, fetch_history, list_chats,
//                                              messages to large groups that may wait for others
//   behind     Query, backward                 list_chats, fetch_history by time
//   from       Query, forward                  a message with `after_seq`, login, sync, fetch_history
//   get        GetItem                         edit_message, delete_message
//   reaching   BatchGetItem; a few Queries     sync, login
//   getMany    BatchGetItem                    list_chats, fetch_history by time, the texts of edits, the fan-out queue
//   edit       UpdateItem if not deleted       edit_message
//   erase      UpdateItem if not deleted       delete_message
//   expire     UpdateItem                      every message, if messages expire
// The newest entry of a log never expires, so that the numbering continues.
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { OutcomeUnknown, Unavailable } from '../chat/errors.ts';
import type { LogEntry, Millis } from '../chat/model.ts';
import type { History } from '../chat/ports.ts';
import { limits } from '../protocol/index.ts';
import { QueryCommand, UpdateCommand } from './documents.ts';
import {
  calling,
  conditionally,
  getItem,
  getItems,
  type Item,
  putFirst,
  type Table,
  untilKnown,
} from './table.ts';

const NOT_DELETED = '(attribute_not_exists(changed) OR changed.kind <> :deleted)';

/** How long messages are kept, and the clock. */
export interface Retention {
  keep: Millis;
  now: () => Millis;
}

/** A place in a log. */
interface Slot {
  chat: string;
  seq: number;
}

/** An entry that is older than messages are kept may still be there: DynamoDB deletes days later, and never the last one. */
export function markExpired(entry: LogEntry, retention: Retention | undefined): LogEntry {
  const isOld = retention !== undefined && entry.at < retention.now() - retention.keep;
  return isOld ? { ...entry, expired: true } : entry;
}

/** `History` in a DynamoDB table. @param retention absent, messages are kept forever */
export function historyIn(table: Table, retention?: Retention): History {
  const toEntry = ({ chat_id, expires: _, ...rest }: Item): LogEntry => {
    return markExpired({ chat: chat_id, ...rest } as unknown as LogEntry, retention);
  };

  // A page holds at most 1 MB. `more` is true if it ended there or at the limit.
  async function query(input: Omit<QueryCommandInput, 'TableName'>) {
    const { Items = [], LastEvaluatedKey } = await calling(
      table.client.send(new QueryCommand({ TableName: table.name, ConsistentRead: true, ...input })),
    );
    return { entries: Items.map(toEntry), more: LastEvaluatedKey !== undefined };
  }

  /** Lets DynamoDB delete an entry that has a successor, some time after it is no longer shown. */
  async function expire(chat: string, seq: number, at: Millis, keep: Millis): Promise<void> {
    const update = new UpdateCommand({
      TableName: table.name,
      Key: { chat_id: chat, seq },
      UpdateExpression: 'SET expires = :expires',
      ConditionExpression: 'attribute_exists(chat_id)',
      ExpressionAttributeValues: { ':expires': Math.ceil((at + keep) / 1000) },
    });
    try {
      await conditionally(table.client.send(update));
    } catch (error) {
      // The successor is stored, so the append succeeded. This entry stays in the table but is no longer shown.
      if (!(error instanceof Unavailable || error instanceof OutcomeUnknown)) throw error;
    }
  }

  async function newest(chat: string, limit: number, upTo = Number.MAX_SAFE_INTEGER): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (let below = upTo, more = true; more && entries.length < limit; ) {
      const page = await query({
        KeyConditionExpression: 'chat_id = :chat AND seq <= :seq',
        ExpressionAttributeValues: { ':chat': chat, ':seq': below },
        ScanIndexForward: false,
        Limit: limit - entries.length,
      });
      entries.push(...page.entries);
      more = page.more;
      below = (page.entries.at(-1)?.seq ?? 0) - 1;
    }
    return entries.reverse();
  }

  const getMany: History['getMany'] = async (keys, consistency) => {
    const items = await getItems(
      table,
      keys.map(({ chat, seq }) => ({ chat_id: chat, seq })),
      consistency,
    );
    return items.map(toEntry);
  };

  /**
   * As `reaching` if messages expire: a deleted entry may have successors. If the entry before a missing one is still
   * shown, no later one has expired, so the log ends there. Otherwise this reads the end of the log.
   */
  async function reachingAll(missing: readonly Slot[]): Promise<string[]> {
    const before = await getMany(
      missing.filter(({ seq }) => seq > 1).map(({ chat, seq }) => ({ chat, seq: seq - 1 })),
    );
    const isShown = new Set(before.filter(({ expired }) => !expired).map(({ chat }) => chat));
    const unsure = missing.filter(({ chat }) => !isShown.has(chat));
    const ends = await Promise.all(unsure.map(({ chat }) => newest(chat, 1)));
    return unsure.flatMap(({ chat, seq }, index) => ((ends[index]?.at(-1)?.seq ?? 0) >= seq ? [chat] : []));
  }

  return {
    async put({ chat, ...entry }) {
      const stored = toEntry(await putFirst(table, 'chat_id', { chat_id: chat, ...entry }));
      if (retention && stored.id === entry.id && entry.seq > 1) {
        await expire(chat, entry.seq - 1, entry.at, retention.keep);
      }
      return stored;
    },

    async get(chat, seq) {
      const item = await getItem(table, { chat_id: chat, seq });
      return item && toEntry(item);
    },

    getMany,

    async edit(chat, seq, content, editId, at, end) {
      const update = new UpdateCommand({
        TableName: table.name,
        Key: { chat_id: chat, seq },
        UpdateExpression:
          'SET content = :content, changed = :change, editIds = list_append(if_not_exists(editIds, :none), :editIds), ends = list_append(if_not_exists(ends, :none), :ends)',
        ConditionExpression: `attribute_exists(chat_id) AND ${NOT_DELETED} AND (attribute_not_exists(editIds) OR (size(editIds) < :limit AND NOT contains(editIds, :editId)))`,
        ExpressionAttributeValues: {
          ':content': content,
          ':change': { kind: 'edited', at },
          ':deleted': 'deleted',
          ':none': [],
          ':editId': editId,
          ':editIds': [editId],
          ':ends': [end],
          ':limit': limits.changes,
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await untilKnown(() => conditionally(table.client.send(update)));
      const item = 'done' in result ? result.done.Attributes : result.refusedBy;
      return item && toEntry(item);
    },

    async erase(chat, seq, at) {
      const update = new UpdateCommand({
        TableName: table.name,
        Key: { chat_id: chat, seq },
        UpdateExpression: 'SET content = :nothing, changed = :change',
        ConditionExpression: `attribute_exists(chat_id) AND ${NOT_DELETED}`,
        ExpressionAttributeValues: {
          ':nothing': '',
          ':change': { kind: 'deleted', at },
          ':deleted': 'deleted',
        },
      });
      await untilKnown(() => conditionally(table.client.send(update)));
    },

    async reaching(slots) {
      const found = new Set((await getMany(slots)).map(({ chat }) => chat));
      if (!retention || found.size === slots.length) return found;
      return new Set([...found, ...(await reachingAll(slots.filter(({ chat }) => !found.has(chat))))]);
    },

    newest,

    async behind(chat, seq, limit, { upTo = Number.MAX_SAFE_INTEGER, consistency = 'strong' } = {}) {
      if (upTo <= seq) return [];
      const { entries } = await query({
        ConsistentRead: consistency === 'strong',
        KeyConditionExpression: 'chat_id = :chat AND seq BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':chat': chat, ':from': seq + 1, ':to': upTo },
        ScanIndexForward: false,
        Limit: limit,
      });
      return entries.reverse();
    },

    from: (chat, seq, limit) =>
      query({
        KeyConditionExpression: 'chat_id = :chat AND seq >= :seq',
        ExpressionAttributeValues: { ':chat': chat, ':seq': seq },
        Limit: limit,
      }),
  };
}
