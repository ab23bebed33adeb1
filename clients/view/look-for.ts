import { NAME, USER_ID } from '../../protocol/name-form.ts';
import { type Chat, RequestError } from '../sdk/chat.ts';
import { chatIdOf, chatOfId } from '../sdk/names.ts';
import { folded } from './matching.ts';
import type { Row } from './view.ts';

/** A chat that can be opened. */
export type ChatName = Pick<Row, 'id' | 'kind' | 'name'>;

/** What somebody may mean who types a name. */
export interface Meaning {
  /** The user's id; undefined if no user can be called so. */
  user: string | undefined;
  /** The group's name; undefined if no group can be called so. */
  group: string | undefined;
  /** Whether it was written as a group's name is. */
  isGroup: boolean;
}

/** What was found under a name. */
export type Found =
  | { what: 'chat'; chat: ChatName }
  /** A group of which the user is no member. */
  | { what: 'group'; name: string }
  | { what: 'nobody' };

type Asking = Pick<Chat, 'request' | 'userIdOf' | 'username'>;

/** Whether a user may register by this name, or a group have it. */
export const isName = (text: string): boolean => NAME.test(text);

// Characters of the longest.
const MOST_OF_NAME = 32;

/** A name that a group can have, made of what it is called; empty if nothing is left of that, as of other scripts. */
export const nameFrom = (title: string): string =>
  folded(title)
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MOST_OF_NAME)
    .replace(/-$/, '');

/** Whether a user can be called so. The id of an identity provider's user may begin like what stands for a group. */
const isUserId = (chat: Pick<Chat, 'userIdOf'>, text: string): boolean =>
  chat.userIdOf('A') === 'A' ? USER_ID.test(text) : isName(text);

/** What a typed name may stand for: `team`, `#team`, or an identity provider's id. */
export function meaningOf(chat: Pick<Chat, 'userIdOf'>, typed: string): Meaning {
  const text = typed.trim();
  const isGroup = text.startsWith('#');
  const group = text.replace(/^#/, '');
  return {
    isGroup,
    group: isName(group) ? group.toLowerCase() : undefined,
    user: isUserId(chat, text) ? chat.userIdOf(text) : undefined,
  };
}

/**
 * Looks for the user or the group that somebody means; a group first if it is written as one. Joins nothing.
 * @throws RequestError
 */
export async function lookFor(chat: Asking, { user, group, isGroup }: Meaning): Promise<Found> {
  const asUser = async () =>
    user !== undefined && (await isUser(chat, user)) ? userChat(chat, user) : undefined;
  const asGroup = async () => (group === undefined ? undefined : groupCalled(chat, group));
  const [first, second] = isGroup ? [asGroup, asUser] : [asUser, asGroup];
  return (await first()) ?? (await second()) ?? { what: 'nobody' };
}

/** The private chat with a user, whether or not there is one yet. */
export const chatWith = (chat: Pick<Chat, 'username'>, user: string): ChatName => ({
  id: chatIdOf(chat.username, { user }),
  kind: 'private',
  name: user,
});

/**
 * The chat of an id that may come from anywhere, like a link; undefined if it is no id, of other people's chat, or of what
 * nobody can be called: a link must not put a text of its own on the screen.
 */
export function chatInLink(chat: Pick<Chat, 'username' | 'userIdOf'>, id: string): ChatName | undefined {
  const ref = chatOfId(chat.username, id);
  if (!ref) return undefined;
  if ('group' in ref) return isName(ref.group) ? chatOfGroup(ref.group.toLowerCase()) : undefined;
  return isUserId(chat, ref.user) ? chatWith(chat, ref.user) : undefined;
}

/** The chat of a group. */
export const chatOfGroup = (group: string): ChatName => ({ id: `#${group}`, kind: 'group', name: group });

const userChat = (chat: Asking, user: string): Found => ({ what: 'chat', chat: chatWith(chat, user) });

async function isUser(chat: Asking, user: string): Promise<boolean> {
  const { users } = await chat.request({ type: 'presence', usernames: [user] });
  return users.some(({ unknown }) => !unknown);
}

async function groupCalled(chat: Asking, group: string): Promise<Found | undefined> {
  try {
    await chat.request({ type: 'list_members', group_id: group, limit: 1 });
    return { what: 'chat', chat: chatOfGroup(group) };
  } catch (error) {
    const code = error instanceof RequestError ? error.code : undefined;
    if (code === 'not_a_member') return { what: 'group', name: group };
    if (code === 'unknown_group') return undefined;
    throw error;
  }
}
