import * as z from 'zod/mini';
import type { Code } from './errors.ts';

type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** One line of the text grammar: its words after the command, in order, as fields of the request. */
export interface TextForm<Request, Reply> {
  /** The first word of the line. */
  word: string;
  /** What follows, as `help` prints it. */
  usage: string;
  /** The field that each word is. */
  args: readonly string[];
  /** Whether the last argument is the rest of the line, spaces and all. */
  rest?: boolean;
  /** Makes the request's fields of the words, where they are not the same. */
  read?(input: Record<string, unknown>): Record<string, unknown>;
  /** The reply to a success: one frame, whose text form begins with the command's status word. @param request its checked fields */
  write(reply: Reply, request: Request): string;
}

interface Definition<Type extends string, Fields extends Shape, ReplyFields extends Shape> {
  /** The spelling of the first published samples; API Gateway's route key. */
  type: Type;
  /** One line for `help` and the docs. */
  doc: string;
  /**
   * What one costs its user, of `sendRate`: a message is 1, and 1 pays for units and posts of ten millionths of a dollar. What
   * a request turns out to cost beyond it is charged afterwards (lambdas/runtime/metered.ts).
   */
  price: number | ((request: z.infer<z.ZodMiniObject<Fields>>) => number);
  fields: Fields;
  /** Other names that a field may come by: alias → field. */
  aliases?: Readonly<Record<string, keyof Fields & string>>;
  reply: { type: string; status: string; fields: ReplyFields };
  /** `codes` beside those that any command may answer with. */
  fail: { type: string; status: string; codes: readonly Code[] };
  /** What a repeat of one that took effect is refused with, since nothing tells it from a second one; absent, it succeeds. */
  repeated?: Code;
  /** Whether the operator may use it through the server API: `too`, or `only` the operator, nobody on a socket. */
  operator?: 'too' | 'only';
  /** Why a backend can't use it as a user through the server API, in one sentence; absent, it can. */
  notAsUser?: string;
  /** Absent where the grammar has no line for it. */
  text?: TextForm<z.infer<z.ZodMiniObject<Fields>>, z.infer<z.ZodMiniObject<ReplyFields>>>;
}

/** Defines one message type, once: everything else about it (route, Lambda, grammar, docs) follows. */
export function defineCommand<
  const Type extends string,
  const Fields extends Shape,
  const ReplyFields extends Shape,
>(definition: Definition<Type, Fields, ReplyFields>) {
  return {
    ...definition,
    request: z.object(definition.fields),
    replySchema: z.object(definition.reply.fields),
  };
}

/** A checked request of this command. */
export type RequestOf<C extends { request: z.core.$ZodType }> = z.infer<C['request']>;

/** What the command's success carries beside `type`, `status` and `request_id`. */
export type ReplyOf<C extends { replySchema: z.core.$ZodType }> = z.infer<C['replySchema']>;

/** Who asks, in the words of docs/security.md. */
export const WHO = [
  'not logged in',
  'logged in',
  'stranger',
  'member',
  'owner',
  'former member',
  'former owner',
  'removed member',
  "another's",
] as const;

/** Where users come from an identity provider, also a member whose token has expired since the login. */
export const WHO_WITH_PROVIDER = [...WHO, 'login expired'] as const;

export type Who = (typeof WHO_WITH_PROVIDER)[number];

/** What each of them is answered with, most often. */
const ACCESS = {
  anybody: {},
  users: { 'not logged in': 'not_logged_in', 'login expired': 'session_expired' },
  members: {
    'not logged in': 'not_logged_in',
    'logged in': 'unknown_group',
    stranger: 'not_a_member',
    'former member': 'not_a_member',
    'former owner': 'not_a_member',
    'removed member': 'not_a_member',
    'login expired': 'session_expired',
  },
  owner: {
    'not logged in': 'not_logged_in',
    'logged in': 'unknown_group',
    stranger: 'not_a_member',
    member: 'not_allowed',
    'former member': 'not_a_member',
    'former owner': 'not_a_member',
    'removed member': 'not_a_member',
    "another's": 'not_allowed',
    'login expired': 'session_expired',
  },
} as const satisfies Record<string, Partial<Record<Who, Code>>>;

/** What the docs say of a command, and tests try; no function needs it. */
export interface Example {
  /** Its names are those of docs/protocol.md: `user1` asks; `user1` owns `groupname1`, which `user2` is in. */
  request: object;
  reply: object;
  /** Who may use it. */
  access: keyof typeof ACCESS;
  /** What some are answered with instead. */
  but?: Partial<Record<Who, Code | 'allowed'>>;
  /** What everybody is answered with instead where users come from an identity provider. */
  withProvider?: Code;
  /** What does it in the terminal client, which has no slash command for it; absent, it has one. */
  inTerminal?: string;
}

/** What the docs say of a command of the operator's. */
export type OperatorExample = Pick<Example, 'request' | 'reply'>;

/** What somebody is answered with, where users come from an identity provider or not: `allowed`, or a code. */
export const outcomeFor = (
  { access, but, withProvider }: Example,
  who: Who,
  hasProvider = who === 'login expired',
): Code | 'allowed' =>
  (hasProvider ? withProvider : undefined) ??
  but?.[who] ??
  (ACCESS[access] as Partial<Record<Who, Code>>)[who] ??
  'allowed';
