import type { ChatSummary, Message } from '../../../clients/sdk/chat.ts';
import { type Action, reduce } from '../../../clients/view/reducer.ts';
import { emptyView, type Sent, type View } from '../../../clients/view/view.ts';

/** When all of this happens; midday in UTC. */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** Alice's view, after all of this. */
export const viewAfter = (...events: Action[]): View => events.reduce<View>(reduce, emptyView('alice', NOON));

/** A message that Bob sent to Alice, a minute after the one before it. */
export function aMessage(seq: number, fields: Partial<Message> & { content?: string } = {}): Message {
  return {
    message_id: `id-${seq}`,
    chat_id: 'alice:bob',
    seq,
    sender: 'bob',
    recipient: 'alice',
    content: `message ${seq}`,
    timestamp: new Date(NOON + seq * 60_000).toISOString(),
    ...fields,
  } as Message;
}

export const said = (seq: number, fields: Parameters<typeof aMessage>[1] = {}): Action => ({
  what: 'message',
  message: aMessage(seq, fields),
});

/** A message to Bob that is under way. */
export const aSending = (fields: Partial<Sent> = {}): Sent => ({
  ...{ id: 'x', to: 'bob', content: 'hi', status: 'pending', isDeletion: false, canUndo: false },
  ...fields,
});

/** As `list_chats` tells it. */
export const aSummary = (fields: Partial<ChatSummary> = {}): ChatSummary => ({
  ...{ chat_id: 'alice:bob', kind: 'private', name: 'bob', last_seq: 3, read: 1, unread: 2 },
  last_timestamp: new Date(NOON).toISOString(),
  ...fields,
});

export const inGroup = (fields: object = {}) =>
  ({
    chat_id: '#team',
    recipient: undefined,
    group_id: 'team',
    groupname: 'team',
    ...fields,
  }) as Partial<Message>;

export const showBob: Action = { what: 'shown', chat: { id: 'alice:bob', kind: 'private', name: 'bob' } };
export const online: Action = { what: 'state', state: 'online' };
