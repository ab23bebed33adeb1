import * as z from 'zod';
import {
  type Command,
  codes,
  commands,
  commonCodes,
  examples,
  limits,
  type OperatorCommand,
  operatorExamples,
  pushes,
  usageOf,
} from '../protocol/index.ts';
import { type FieldDocs, fieldDocsOf, messageDocs } from './field-docs.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Generates `docs/protocol.md`. */
export const protocolPage = (): string =>
  `${[intro(), ...commands.map((each) => section(each)), pushSection(), codeSection(), limitSection()].join('\n\n')}\n`;

const intro = () => `# The protocol

Generated from \`protocol/\` by \`npm run docs\`. Edit the definitions there, not this page.

One WebSocket text frame carries one message: a JSON object with a \`type\`, or one line of text. Types ignore case and
surrounding spaces. Any request may carry a \`request_id\` (a string of at most ${limits.idLength} characters), and its reply repeats it.
Every reply has a \`status\`. A failure also has a \`code\` for programs and a \`reason\` for people; \`rate_limited\` has a
\`retry_after_ms\` as well, \`too_far_back\` an \`after_seq\`, and \`not_invited\` who can invite, in \`ask\`. Unknown fields are ignored.

## Rules for clients

**JSON or text.** A frame whose first non-blank character is \`{\` is JSON and gets a JSON reply. If it is no known command, the reply is
\`{"type":"error","status":"error","code":…,"reason":…}\`. Every other frame is a line of text. Its reply is text and begins with the
status, \`STATUS REASON\` for a failure, and \`error REASON\` if the line is no known command. One frame is always JSON, since API Gateway
itself sends it when a function dies or times out: \`{"message":"Internal server error","connectionId":…,"requestId":…}\`.

**Messages of the service's own** have \`"system":true\`. Their \`sender\` is \`system\` for clients that don't know the field, and stands for
nobody: nobody registers by this name, but an identity provider may call a user so. In text it is \`«system»\`, which no id can be, and in a private chat it says
with whom that chat is: \`receive «system» ann: Matched. 2026-…\`. A user who registered as \`system\` with version 0.1.0 stays a
user: their messages have no \`system\` in JSON, and no quotes in text.

**Names and ids.** A group's name has 1 to ${limits.nameLength} of \`a-z 0-9 . _ -\`, begins with a letter or digit, and ignores case. So does the name
of a user, unless the service has an identity provider. Then a user's id is what the provider says, 1 to ${limits.userIdLength} characters of printable
ASCII without a space, and two that differ in case are two users. Users and groups share one namespace without a provider; with
one, a group may be called like a user.

**Chat ids.** A group's is \`#\` and its name; that of two users is both their ids, in the order of their bytes, with \`:\` between them. In
it, \`%\`, \`:\` and \`#\` of an id are written \`%25\`, \`%3A\` and \`%23\`: \`a:b\` and \`auth0|1\` have the chat \`a%3Ab:auth0|1\`. A field
\`chat\` takes a chat id, a group's name, or a user's id as chat ids contain it. With a provider, a word there that is both a user
and a group is the user, and so is one that a line of text sends to; \`#\` and the name is always the group in \`chat\`. All other fields
take ids as they are.

**Wait for replies.** Each frame is handled by a function of its own, so two frames sent one after the other may take effect, and be
answered, in either order. If a request depends on another one (a message that must come after another, anything after \`login\`), wait
for the first reply.

**Retry after \`outcome_unknown\` or no answer.** Send the same request again. What took effect does not do so twice, and the repeat gets
the same success: messages, edits and deletions are recognised by their \`client_message_id\`, other commands by their result. Some
commands can't tell a repeat from a second request. They refuse it with a code that shows that the first one took effect: ${repeats()}.
\`login\` or \`list_members\` shows who has a taken name.
After a \`login\` that may still take effect, the service may close the connection without a reply: connect again, and log in.

**Retry messages with the same \`client_message_id\` and \`after_seq\`.** \`after_seq\` is the last \`seq\` of the chat that the client had seen when
it first sent the message. Then the message is stored once, however late the retry. The service searches 1 MB of the chat behind
\`after_seq\`; if there is more, \`too_far_back\` names the \`after_seq\` to continue with.

**Keep the connection alive.** API Gateway closes a connection after ten minutes without a frame in either direction, and every connection
after two hours. Send a frame, such as \`ping\`, at least every nine minutes; ping every five to notice a dead connection sooner. A client
that reconnects logs in again and gets what it missed. \`presence\` and \`list_members\` show a user as online while a connection of theirs
is open, so one who lost the network shows for up to ten minutes.

**Renew a login by token.** Where users come from an identity provider, each \`login\` has a \`token\` of it and lasts until \`session_expires\`.
From then on every command but a plain \`logout\` is answered with \`session_expired\`, and messages stay pending instead of being pushed.
Send \`login\` with a fresh token on the same connection before that, say after four fifths of \`session_expires_in_ms\`, and nothing is missed or sent twice. After \`token_expired\` or
\`session_expired\`, log in with a fresh token; after \`invalid_token\`, \`reason\` says what has to change first.

**Catch up with cursors.** A client that keeps the last \`seq\` of each chat gets every message exactly once. It sends these cursors with
\`sync\`, or with \`login\`, whose reply is then followed by one \`sync_response\`. Chats come in the order of their ids. While a page has
\`more\`, send the same request as \`sync\` with the page's \`next\` added. This acknowledges the page: until then its messages stay
pending for a login without cursors. If the entries behind a cursor no longer exist, \`oldest\` names the first \`seq\` of the chat that does.
A request may have ${limits.cursors} cursors, a frame 32 KB and a message 128 KB. A client with more cursors sends several requests, each with a \`to_chat\` that is
the \`from_chat\` of the next.

**Take several messages in one frame.** Where the operator has set \`batchWindow\`, messages of a busy group of more than a thousand
members wait a second or two for one another. A client that logs in with \`"batches": true\` gets them in frames of up to 32 KB,
\`MESSAGES\`, which cost API Gateway, and the client's radio, less than a frame for each. Treat each as if it had been pushed by
itself: it has no \`type\`, but \`edits\` or \`deletes\` if it is one. Without \`batches\`, in text, and while another device of the user
does without, each comes by itself. One's own messages come to one's other devices at once, so perhaps before those that wait.

**Apply edits and deletions.** Both are entries of the log with a \`seq\` of their own. A deletion is final, in whatever order entries arrive:
ignore an edit that comes after it, pushed or in a page, and don't show its text.

**Unread counts.** \`unread\` in \`list_chats\` counts the messages of others behind \`read\`, without edits, deletions, and messages that were
deleted, erased or have expired. \`unread_more\` says that there may be more: in a group only the newest ${limits.unreadLook} entries are counted, and in a
private chat the count is a lower bound if older messages were deleted.

**Names and titles.** Ids say who somebody is, profiles how they want to be called; two users may have the same display name. Ask
\`get_profiles\` and \`get_groups\` for those that you show, keep them, and ask again after some minutes: changes are not pushed. In a page
isolate each name (\`<bdi>\`), since a script from right to left would move what stands beside it.

## Commands

| type | text form | what it does |
| --- | --- | --- |
${commands.map((each) => `| [\`${each.type}\`](#${anchor(each.type)}) | ${textForm(each)} | ${each.doc} |`).join('\n')}`;

const repeats = () =>
  commands
    .flatMap(({ type, repeated }: Command) => (repeated ? [`\`${type}\` with \`${repeated}\``] : []))
    .join(', ');

const anchor = (type: string) => type.toLowerCase();

// A bar would end the table's cell.
const textForm = (command: Command) =>
  'text' in command ? `\`${usageOf(command).replaceAll('|', '\\|')}\`` : '';

/** The section of a command. @param codesPage the page that explains codes, if it is another */
export function section(command: Command | OperatorCommand, codesPage = ''): string {
  const docs = fieldDocsOf(command);
  const { request, reply } = { ...examples, ...operatorExamples }[command.type];
  return `## ${command.type}

${command.doc}

${table(fieldsOf(command.request), aliasesOf(command), docs.request)}

Success: type \`${command.reply.type}\`, status \`${command.reply.status}\`${replyFields(command, docs)}

Failure: type \`${command.fail.type}\`, status \`${command.fail.status}\`, code ${codeList(command, codesPage)}.

\`\`\`json
→ ${JSON.stringify(request)}
← ${JSON.stringify(reply)}
\`\`\``;
}

/** The names of a reply's fields, then what is said of them. */
function replyFields({ replySchema }: Command | OperatorCommand, docs: FieldDocs): string {
  const fields = fieldsOf(replySchema);
  if (fields.length === 0) return '.';
  const said = fields.flatMap(({ name, parts = [] }) => [
    ...saidOf(name, docs.reply.get(name)),
    ...parts.flatMap((part) => saidOf(`${name}[].${part.name}`, docs.parts.get(part.name))),
  ]);
  const end = said.length > 0 ? `:\n\n${said.join('\n')}` : '.';
  return `, with ${fields.map(nameOf).join(', ')}${end}`;
}

const saidOf = (name: string, doc: string | undefined): string[] =>
  doc === undefined ? [] : [`- \`${name}\`: ${doc}`];

/** `?` marks an optional field; brackets hold the fields of a list's objects. */
const nameOf = ({ name, required, parts = [] }: Field): string =>
  `\`${name}\`${required ? '' : '?'}${parts.length > 0 ? ` (of each ${parts.map(nameOf).join(', ')})` : ''}`;

const listed = (list: readonly string[]) => list.map((code) => `\`${code}\``).join(', ');

const codeList = ({ fail: { codes: own } }: Command | OperatorCommand, page: string) =>
  `${own.length > 0 ? `${listed(own)} or ` : ''}a [common one](${page}#codes)`;

const aliasesOf = (command: Command | OperatorCommand) =>
  ('aliases' in command ? command.aliases : {}) as Record<string, string>;

interface Field {
  name: string;
  required: boolean;
  shape: string;
  /** For a list of objects: the fields of each. */
  parts?: Field[];
}

const fieldsOf = (schema: z.core.$ZodType): Field[] =>
  fieldsIn(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);

function fieldsIn({ properties = {}, required = [] }: JsonSchema): Field[] {
  return Object.entries(properties as Record<string, JsonSchema>)
    .map(([name, schema]) => ({
      name,
      required: required.includes(name),
      shape: shapeOf(schema),
      ...(shapeOf(schema) === 'array of object' && { parts: fieldsIn(schema.items as JsonSchema) }),
    }))
    .filter(({ shape }) => shape !== '');
}

/** A field's type in words; empty for one that a client can't send. */
function shapeOf(schema: JsonSchema): string {
  if (schema.type === 'array') return `array of ${shapeOf(schema.items as JsonSchema)}`;
  if (schema.anyOf || schema.properties?.message_id) return 'message';
  if (schema.type === 'string' && schema.pattern) return 'name';
  return String(schema.type ?? '');
}

function table(fields: Field[], aliases: Record<string, string>, docs: FieldDocs['request']): string {
  if (fields.length === 0) return 'No fields.';
  const also = (name: string) => {
    const others = Object.entries(aliases).flatMap(([alias, field]) =>
      field === name ? [`\`${alias}\``] : [],
    );
    return others.length > 0 ? [`Also accepted as ${others.join(', ')}.`] : [];
  };
  const rows = fields.map(
    ({ name, required, shape }) =>
      `| \`${name}\` | ${shape} | ${required ? 'yes' : 'no'} | ${[...(docs.has(name) ? [docs.get(name)] : []), ...also(name)].join(' ')} |`,
  );
  return ['| field | type | required | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const pushSection = () => `## Pushes

The service sends these frames by itself, in the form (JSON or text) that the connection used to log in. Messages in
\`pending_messages\` and in \`history\` have the fields of their push without \`type\`. A \`?\` marks an optional field.

${Object.entries(pushes)
  .map(([type, { doc, fields }]) => {
    return `- \`${type}\`: ${doc} Fields: ${fieldsOf(fields).map(nameOf).join(', ')}.`;
  })
  .join('\n')}

In a message:

${[...messageDocs()].flatMap(([name, doc]) => saidOf(name, doc)).join('\n')}`;

const codeSection = () => `## Codes

Any command may fail with ${listed(commonCodes)}.

| code | meaning |
| --- | --- |
${Object.entries(codes)
  .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  .join('\n')}`;

const limitSection = () => `## Limits

| what | at most |
| --- | --- |
| a name | ${limits.nameLength} characters |
| a user's id, with an identity provider | ${limits.userIdLength} characters |
| a message's content | ${limits.contentBytes} bytes of UTF-8 |
| \`request_id\`, \`client_message_id\` | ${limits.idLength} characters |
| a password | ${limits.passwordBytes} bytes of UTF-8 |
| connections of one user at a time | the setting \`devices\`, 10 by default |
| groups that one user is in | ${limits.groups} |
| members of one group | ${limits.members} |
| members of a group that is told who is typing | ${limits.typing} |
| a display name or a group's title | ${limits.displayName} characters (code points) |
| a group's topic | ${limits.topic} characters |
| \`avatar_url\` | ${limits.urlLength} characters |
| \`data\` of a profile | ${limits.profileBytes} bytes of JSON |
| users or groups in \`get_profiles\`, \`get_groups\` | ${limits.profiles} |
| messages in a page of history | ${limits.historyLimit} (${limits.historyDefault} by default) |
| a page of messages | ${limits.frameBytes} bytes |
| a retry without \`after_seq\` is recognised among | the newest ${limits.retryWindow} messages of the chat |
| the search for a retried message behind \`after_seq\` (then \`too_far_back\` says where to continue) | 1 MB of the chat |
| a frame that the client sends | 32 KB (API Gateway) |`;
