import { useEffect, useSyncExternalStore } from 'react';
import type { ChatRef, RequestError } from '../sdk/chat.ts';
import { useModel } from './context.ts';
import type { Conversation } from './conversation.ts';
import { CONNECTING, keyOf, type Model, NO_CHATS } from './model.ts';
import { UNKNOWN } from './presence-of.ts';
import type {
  Actions,
  ChatActions,
  ChatList,
  ChatMessage,
  Connection,
  Group,
  InvitationList,
  Members,
  Messages,
  Presence,
  Profile,
} from './types.ts';

/** Renders again when this part is another object. @param initial the part on a server, and until a client has it */
const usePart = <T>(model: Model, part: () => T, initial: T): T =>
  useSyncExternalStore(model.subscribe, part, () => initial);

/** The connection, and who is logged in. */
export function useConnection(): Connection {
  const model = useModel();
  return usePart(model, () => model.connection, CONNECTING);
}

/** What concerns no single chat. Renders never again. */
export const useParley = (): Actions => useModel().actions;

/** All chats, newest first. */
export function useChats(): ChatList {
  const model = useModel();
  return usePart(model, () => model.chats, NO_CHATS);
}

/** The messages of a chat, and what can be done with them. @param chat undefined: none is open */
export function useMessages(chat: ChatRef | undefined): Messages {
  const model = useModel();
  const conversation = useConversation(model, chat);
  useEffect(() => conversation?.watch(), [conversation]);
  return usePart(model, () => conversation?.snapshot ?? NONE, conversation?.initial ?? NONE);
}

/** What can be done in a chat. Renders never again. */
export function useChatActions(chat: ChatRef | undefined): ChatActions {
  return useConversation(useModel(), chat)?.actions ?? NONE;
}

/** The last message of a chat, for a list of chats. Asks the service if the chat was not opened yet. */
export function useLastMessage(chat: ChatRef): ChatMessage | undefined {
  const model = useModel();
  const conversation = useConversation(model, chat);
  const last = usePart(model, () => conversation?.last, undefined);
  const isMissing = last === undefined;
  useEffect(() => {
    if (isMissing) conversation?.wantLast();
  }, [conversation, isMissing]);
  return last;
}

/** The ids of those who type in a chat. */
export function useTyping(chat: ChatRef | undefined): readonly string[] {
  const model = useModel();
  const conversation = useConversation(model, chat);
  return usePart(model, () => conversation?.typing ?? NOBODY, NOBODY);
}

/** The members of a group, page by page. */
export function useMembers(group: string): Members {
  const model = useModel();
  const members = model.members(group);
  useEffect(() => members.watch(), [members]);
  return usePart(model, () => members.snapshot, members.initial);
}

/** Whether a user is online; asked for again every half minute. */
export function usePresence(username: string): Presence {
  const model = useModel();
  useEffect(() => model.presence.watch(username), [model, username]);
  return usePart(model, () => model.presence.of(username), UNKNOWN);
}

/** How a user wants to be shown. */
export function useProfile(username: string): Profile {
  const model = useModel();
  useEffect(() => model.details.watch(`@${username}`), [model, username]);
  return usePart(model, () => model.details.profile(username), model.details.profile(username));
}

/** What a group is called, and what it is about. */
export function useGroup(group: string): Group {
  const model = useModel();
  useEffect(() => model.details.watch(`#${group}`), [model, group]);
  return usePart(model, () => model.details.group(group), model.details.group(group));
}

/** The user's open invitations to groups. */
export function useInvitations(): InvitationList {
  const model = useModel();
  useEffect(() => model.invited.watch(), [model]);
  return usePart(model, () => model.invited.snapshot, model.invited.initial);
}

function useConversation(model: Model, chat: ChatRef | undefined): Conversation | undefined {
  return chat && keyOf(chat).length > 1 ? model.conversation(chat) : undefined;
}

const NOBODY: readonly string[] = [];

function refuse(): never {
  throw new Error('No chat is open.');
}

/** No chat is open. */
const NONE: Messages = {
  messages: [],
  isLoading: false,
  error: undefined as RequestError | undefined,
  hasOlder: false,
  isLoadingOlder: false,
  send: refuse,
  edit: refuse,
  remove: refuse,
  undo: refuse,
  retry: refuse,
  discard: refuse,
  markRead: () => {},
  readUpTo: () => 0,
  typing: () => {},
  loadOlder: async () => {},
};
