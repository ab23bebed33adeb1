import * as z from 'zod/mini';
import { chatIdOf, clientId, groupName, seq, timestamp, userId } from './fields.ts';

/** Of every event. */
const common = {
  /** The same whenever this event is sent, and never that of another: what has been handled is skipped by it. */
  id: z.string(),
  timestamp,
  /** It was replayed, and says what is so now. */
  replayed: z.optional(z.literal(true)),
};

/** Of a message. Its events are in order by `chat_id` and `seq`, and those of one message by `revision`. */
const ofMessage = {
  ...common,
  chat_id: chatIdOf,
  seq,
  sender: userId,
  /** A message of the service's own: `sender` is "system", and stands for no user. */
  system: z.optional(z.literal(true)),
};

/** Left out with `eventContent: false`. */
const content = z.optional(z.string());

const ofGroup = { ...common, chat_id: chatIdOf, group_id: groupName };
const ofMember = { ...ofGroup, username: userId };
const ofUser = { ...common, username: userId };

const event = <F extends z.core.$ZodLooseShape>(doc: string, fields: F, example: object) => ({
  doc,
  fields: z.object(fields),
  example,
});

const AT = '2026-01-02T03:04:05.678Z';
const hello = { chat_id: '#team', seq: 7, sender: 'ann', timestamp: AT };
const team = { chat_id: '#team', group_id: 'team', timestamp: AT };

/** What the service tells a backend, by `type`: docs/events.md and docs/events.schema.json are made of it. */
export const busEvents = {
  'message.created': event(
    'A message was stored. Its `seq` is 1, 2, 3, … in the chat; edits and deletions take numbers, too, so there are gaps. One of the service’s own has `system`: true; its `sender`, "system", stands for no user.',
    { ...ofMessage, message_id: z.string(), content, client_message_id: z.optional(clientId) },
    {
      id: 'message.created #team 7',
      ...hello,
      message_id: 'b1946ac9',
      content: 'Hello',
      client_message_id: 'c-1',
    },
  ),
  'message.edited': event(
    'A message got another text. `seq` is that of the message, `revision` counts its edits from 1: of several, the highest is current.',
    { ...ofMessage, message_id: z.string(), revision: seq, content },
    { id: 'message.edited #team 7 1', ...hello, message_id: 'b1946ac9', revision: 1, content: 'Hello!' },
  ),
  'message.deleted': event(
    'A message was deleted by its sender, with their account, or by the operator. `seq` is that of the message. Final, whatever comes before or after. A message that is deleted twice at once may have two, whose times differ. A message whose retention ends has no such event.',
    ofMessage,
    { id: 'message.deleted #team 7 1767323045678', ...hello },
  ),
  'member.added': event('A user became a member of a group.', ofMember, {
    id: 'member.added #team bob 9b1deb4d',
    ...team,
    username: 'bob',
  }),
  'member.removed': event('A user left a group, or was removed from it.', ofMember, {
    id: 'member.removed #team bob 1f0e3dad',
    ...team,
    username: 'bob',
  }),
  'group.created': event(
    'A group was created. A later one of the same name, with another id, takes the place of an earlier one: all its members have left, or its creation died before its owner was in, and was made again.',
    { ...ofGroup, owner: userId, invite_only: z.boolean() },
    { id: 'group.created #team 3c59dc04', ...team, owner: 'ann', invite_only: false },
  ),
  'group.updated': event(
    'A group has another owner, setting, title, topic or picture. Only what has changed is there; `""` removes one.',
    {
      ...ofGroup,
      owner: z.optional(userId),
      invite_only: z.optional(z.boolean()),
      title: z.optional(z.string()),
      topic: z.optional(z.string()),
      avatar_url: z.optional(z.string()),
    },
    { id: 'group.updated #team e4da3b7f', ...team, title: 'The team' },
  ),
  'user.created': event(
    'A user has registered, or has logged in through the identity provider for the first time.',
    ofUser,
    { id: 'user.created bob', username: 'bob', timestamp: AT },
  ),
  'user.deleted': event(
    'A user is being erased, and their profile is gone; their id stays reserved. What `delete_account` removes before that, texts and memberships, comes before; what `delete_user` removes follows.',
    ofUser,
    { id: 'user.deleted bob', username: 'bob', timestamp: AT },
  ),
  'recipient.away': event(
    'Something waits for a user in a chat, and none of their devices is connected: it came while they were away, or they left before they had it. Once for a chat and an absence, however much comes: what a notification needs. `seq` is the first entry that waits, which may be an edit or a deletion; what else waits follows it in the chat. It is absent from the 51st chat on that waits; `timestamp` is then that of the first such chat.',
    { ...ofUser, chat_id: chatIdOf, seq: z.optional(seq) },
    {
      id: 'recipient.away bob #team 7 3 1767323045678',
      username: 'bob',
      chat_id: '#team',
      seq: 7,
      timestamp: AT,
    },
  ),
} as const;

/** Any one of the events. */
export type BusEvent = {
  [T in keyof typeof busEvents]: { type: T } & z.infer<(typeof busEvents)[T]['fields']>;
}[keyof typeof busEvents];
