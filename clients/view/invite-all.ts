import { type Chat, RequestError } from '../sdk/chat.ts';
import { meaningOf } from './look-for.ts';
import type { People } from './people.ts';
import { inWords, isolated, wordsFor } from './words.ts';

/** What became of the names that somebody typed. */
export interface Invited {
  /** Who is invited now. */
  users: string[];
  /** The names that were typed and could not be invited. */
  rest: string[];
  /** Why not, in a line for each reason; empty if all are. */
  problem: string;
}

/** Invites users to the open group, one after the other: one name, or several with commas or spaces between them. */
export async function inviteAll(
  chat: Pick<Chat, 'userIdOf' | 'username'>,
  people: Pick<People, 'has' | 'invite'>,
  typed: string,
): Promise<Invited> {
  // The id of an identity provider's user may have a comma within, but no space.
  const between = chat.userIdOf('A') === 'A' ? /[,;]?\s+|[,;]$/ : /[,;、،\s]+/;
  const names = typed.split(between).filter(Boolean);
  const users: string[] = [];
  const rest: string[] = [];
  const problems = new Set<string>();
  for (const [index, name] of names.entries()) {
    const { user } = meaningOf(chat, name);
    const known = user === undefined ? noName(name) : alreadyIn(chat, people, user);
    const failed = known ? { why: known } : await failureOf(people.invite(user ?? ''), name);
    if (!failed) users.push(user ?? '');
    else {
      rest.push(name);
      problems.add(failed.why);
    }
    if (!failed?.isOfAll) continue;
    rest.push(...names.slice(index + 1));
    break;
  }
  return { users, rest, problem: [...problems].join('\n') };
}

const noName = (name: string): string => `${isolated(name)} is no name here. ${inWords('invalid_name')}`;

function alreadyIn({ username }: Pick<Chat, 'username'>, people: Pick<People, 'has'>, user: string): string {
  if (user === username) return 'You are in this group already.';
  return people.has(user) ? `${isolated(user)} is in this group already.` : '';
}

interface Failure {
  why: string;
  /** Whether the next would fail, too. */
  isOfAll?: boolean;
}

async function failureOf(inviting: Promise<unknown>, name: string): Promise<Failure | undefined> {
  try {
    await inviting;
    return undefined;
  } catch (error) {
    const isNobody = error instanceof RequestError && error.code === 'unknown_recipient';
    if (!isNobody) return { why: wordsFor(error), isOfAll: true };
    return { why: `There is nobody called ${isolated(name)}. People see their own id in their account.` };
  }
}
