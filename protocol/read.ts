import * as z from 'zod/mini';
import { encodeId, groupChat } from './chat-id.ts';
import { type Command, commands, type OperatorCommand } from './commands/index.ts';
import { ChatError, type Code } from './errors.ts';
import { echoedId, fieldFor, type Users } from './fields.ts';
import { limits } from './limits.ts';

/** How a client writes, and is answered: JSON, or a line of the text grammar. */
export type Form = 'json' | 'text';

/** A frame as it was understood; its fields are not checked yet. */
export interface Frame<C extends Command | OperatorCommand = Command> {
  form: Form;
  /** Absent if the frame is no command at all; `problem` says why. */
  command?: C;
  input: Record<string, unknown>;
  /** What the command, or the service, has to answer with. */
  problem?: ChatError;
}

// Pure to the bundler: what reads no frames of unknown type carries the definition of no other command.
const byType: ReadonlyMap<string, Command> = /* @__PURE__ */ (() =>
  new Map(commands.map((command) => [command.type.toLowerCase(), command])))();
const byWord: ReadonlyMap<string, Command> = /* @__PURE__ */ (() =>
  new Map(commands.flatMap((command) => (command.text ? [[command.text.word, command] as const] : []))))();

// A comma before a closing bracket, as the first published samples have; strings are skipped over. A string needs
// no closing quote to match: else each of 60,000 open ones would be scanned to the end, for seconds.
const TRAILING_COMMA = /("(?:[^"\\]+|\\[\s\S])*"?)|,(?=\s*[}\]])/g;

// Tried only where a run of line ends begins, for the same reason.
const LINE_END = /(?<![\r\n])[\r\n]+$/;

/**
 * Parses a JSON object and forgives trailing commas, which the first published samples have.
 * @throws ChatError `bad_request` if it is none
 */
export function parseObject(body: string): Record<string, unknown> {
  const value = tryParse(body) ?? tryParse(body.replace(TRAILING_COMMA, '$1'));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ChatError('bad_request', 'The frame is not a JSON object.');
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads any frame: a JSON object by its `type`, anything else as a line of text. It never throws. */
export const readFrame = (body: string): Frame =>
  body.trimStart().startsWith('{') ? readJson(body) : readLine(body);

function readJson(body: string): Frame {
  let input: Record<string, unknown> = {};
  try {
    input = parseObject(body);
    if (input.type == null) throw new ChatError('bad_request', '"type" is missing.');
    if (typeof input.type !== 'string') throw new ChatError('bad_request', '"type" must be a string.');
    const type = input.type.trim().toLowerCase();
    if (type === '') throw new ChatError('bad_request', '"type" is empty.');
    const command = byType.get(type);
    return { form: 'json', command, input, problem: command ? undefined : unknown(input.type) };
  } catch (error) {
    if (error instanceof ChatError) return { form: 'json', input, problem: error };
    throw error;
  }
}

/** Reads a JSON frame whose type is no command, without looking for one: its reader carries no command's definition. */
export function readUnknown(body: string): Frame {
  try {
    const input = parseObject(body);
    return { form: 'json', input, problem: unknown(String(input.type)) };
  } catch (problem) {
    return { form: 'json', input: {}, problem: problem as ChatError };
  }
}

function readLine(body: string): Frame {
  const [word, rest] = cut(body.trimStart().replace(LINE_END, ''));
  const command = byWord.get(word.toLowerCase());
  if (command?.text === undefined) return { form: 'text', input: {}, problem: unknown(word) };
  const { args, rest: takesRest } = command.text;
  const input: Record<string, unknown> = {};
  let left = rest;
  for (const [index, arg] of args.entries()) {
    const last = takesRest && index === args.length - 1;
    const [value, after] = last ? [left, ''] : cut(left);
    if (value !== '') input[arg] = value;
    left = after;
  }
  const problem = left === '' ? undefined : surplus(command);
  return { form: 'text', command, input: command.text.read?.(input) ?? input, problem };
}

/** Cuts the first word off; the spaces behind it go with it. Other blanks, like a no-break space, are content. */
function cut(line: string): [word: string, rest: string] {
  const end = line.search(/[ \t\r\n]/);
  return end === -1 ? [line, ''] : [line.slice(0, end), line.slice(end).replace(/^[ \t\r\n]+/, '')];
}

const surplus = (command: Command) =>
  new ChatError('bad_request', `Too many words. The form is: ${usageOf(command)}`);

const unknown = (word: string) =>
  word === ''
    ? new ChatError('bad_request', 'The frame is empty. Try: help')
    : new ChatError('unknown_type', `There is no command ${JSON.stringify(word.slice(0, 40))}. Try: help`);

/** The `request_id` to echo: undefined if there is none, or none that may be echoed. */
export const requestId = (input: Record<string, unknown>): string | undefined =>
  echoedId.safeParse(input.request_id).data;

const schemas = new Map<Command | OperatorCommand, z.core.$ZodType>();

/** What a request must look like in a deployment with such users. */
function requestSchema(command: Command | OperatorCommand, users: Users): z.core.$ZodType {
  if (users === 'provided') return command.request;
  const known = schemas.get(command);
  if (known) return known;
  const fields = Object.entries(command.fields).map(([name, field]) => [name, fieldFor(users, field)]);
  const schema = z.object(Object.fromEntries(fields));
  schemas.set(command, schema);
  return schema;
}

/** A chat as its field takes it, from a field that names its user or its group alone: those may be called the same. */
function chatBy(alias: string, value: unknown): unknown {
  if (typeof value !== 'string' || alias === 'chat_id') return value;
  return alias === 'recipient' ? encodeId(value) : groupChat(value.replace(/^#/, ''));
}

/**
 * Checks a frame's fields against the command's definition.
 * @throws ChatError `bad_request`, `invalid_name` or `content_too_large`, naming the field
 */
export function checkFields<C extends Command | OperatorCommand>(
  command: C,
  input: Record<string, unknown>,
  users: Users = 'registered',
): z.infer<C['request']> {
  if (input.request_id != null && requestId(input) === undefined) {
    throw new ChatError(
      'bad_request',
      `"request_id" must be a string of at most ${limits.idLength} characters.`,
    );
  }
  const fields: Record<string, unknown> = Object.fromEntries(
    Object.keys(command.fields).map((field) => [field, input[field] ?? undefined]),
  );
  const names: Record<string, string> = {};
  for (const [alias, field] of Object.entries(command.aliases ?? {})) {
    if (fields[field] !== undefined || input[alias] == null) continue;
    const value = input[alias];
    fields[field] = users === 'provided' && field === 'chat' ? chatBy(alias, value) : value;
    names[field] = alias;
  }
  const result = z.safeParse(requestSchema(command, users), fields);
  if (result.success) return result.data as z.infer<C['request']>;
  throw fieldError(result.error.issues[0], fields, names);
}

/** A command's line in the text grammar, for people. */
export const usageOf = (command: Command): string =>
  command.text ? `${command.text.word} ${command.text.usage}`.trimEnd() : command.type;

/** @param names what fields came by, where that is an alias */
function fieldError(
  issue: z.core.$ZodIssue | undefined,
  fields: Record<string, unknown>,
  names: Readonly<Record<string, string>>,
): ChatError {
  const key = String(issue?.path[0]);
  const field = names[key] ?? key;
  // A wrong key may be as long as the frame: it is not repeated.
  if (issue?.code === 'invalid_key')
    return new ChatError('bad_request', `"${field}" ${issue.issues[0]?.message}.`);
  // Like `cursors.#team`: what is wrong may lie within.
  const path = [field, ...(issue?.path.slice(1) ?? [])].join('.');
  if (fields[key] === undefined) return new ChatError('bad_request', `"${field}" is missing.`);
  if (issue?.code === 'invalid_type') {
    return new ChatError('bad_request', `"${path}" must be a ${issue.expected}.`);
  }
  return new ChatError(codeOf(issue), `"${path}" ${issue?.message ?? 'is wrong'}.`);
}

/** Only names have a format; any other check may say which code its failure has (fields.ts). */
function codeOf(issue: z.core.$ZodIssue | undefined): Code {
  if (issue?.code === 'invalid_format') return 'invalid_name';
  return ((issue?.code === 'custom' && issue.params?.code) as Code | undefined) || 'bad_request';
}
