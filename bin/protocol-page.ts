import * as z from 'zod';
import { exampleOf } from '../protocol/examples.ts';
import { type Command, codes, commands, commonCodes, limits, pushes, usageOf } from '../protocol/index.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** `docs/protocol.md`, whole, from the definitions. */
export const protocolPage = (): string =>
  `${[intro(), ...commands.map(section), pushSection(), codeSection(), limitSection()].join('\n\n')}\n`;

const intro = () => `# The protocol

Generated from \`protocol/\` by \`npm run docs\`: change it there.

One WebSocket text frame carries one message: a JSON object with a \`type\`, or one line of the text grammar.
A type is matched after trimming and without regard to case. Any request may carry a \`request_id\` (a string of
at most ${limits.idLength} characters), which its reply repeats. Every reply has a \`status\`; a fail reply also has a \`code\` (for
programs) and a \`reason\` (for people), with \`rate_limited\` a \`retry_after_ms\`, and with \`too_far_back\` an \`after_seq\`. Unknown fields are ignored.

**An answer has the form of its question.** A frame whose first character that is no blank is \`{\` is JSON, and so is its
answer; if it is no command, that is \`{"type":"error","status":"error","code":…,"reason":…}\`. Every other frame is a line, and its
answer begins with a line, \`STATUS REASON\` if it fails; if it is no command, \`error REASON\`, which points to \`help\`. One frame is API Gateway's
own, and JSON whatever was asked: \`{"message":"Internal server error","connectionId":…,"requestId":…}\`, when a function was
killed or took too long. A WebSocket API has no setting that would change it.

**Frames of one connection run side by side.** Each is handled by a function of its own, so two that are sent one right
after the other may take effect, and be answered, in either order. Before you send what depends on a reply (a message that
is to come after another one, anything after \`login\`), wait for that reply.

**After \`outcome_unknown\`, or no answer, send the same again.** What took effect does so no second time: its repeat succeeds like the first
(a message, an edit and a deletion by their \`client_message_id\`, everything else because it is so already). Some commands cannot tell a repeat
from a second attempt. Theirs is refused, and the refusal says that the first took effect: ${repeats()}. Whose a taken name is, a
\`login\` tells, or \`list_members\`.

**Silence ends a connection.** API Gateway closes it after ten minutes in which no frame went either way, and every
connection after two hours. Send anything, or \`ping\`, at least once in nine minutes; to notice sooner that a connection is dead, ping every five.
Whoever comes back logs in again, and gets what was missed. \`presence\` and \`list_members\` show as online whose connection is open: somebody who
lost the network without a word shows for ten minutes at most.

**Cursors.** A client that keeps the last \`seq\` it has of each chat is given every message once: it asks \`sync\` with these cursors, or logs in with
them, and one \`sync_response\` follows the reply. Chats come in the order of their ids. While a page says \`more\`, send the same request as
\`sync\`, with the page's \`next\` added. Asking on acknowledges a page: only then is what it carried no longer pending for a login without cursors.
Where what comes next after a cursor is kept no more, \`oldest\` says at which seq the chat goes on. A request may have ${limits.cursors} cursors, and a frame 32 KB: a client with more
asks in parts, each with a \`to_chat\`, which is the \`from_chat\` of the next.

**Changes.** An edit and a deletion are entries of the log, with a \`seq\` of their own. A deletion is final, in whatever order changes come: an edit that comes
after it, pushed or in a page, changes nothing, and its text is not to be shown.

**Unread.** \`list_chats\` counts messages of others behind \`read\`: no edits and deletions, nothing that was deleted, erased or has expired. With \`unread_more\` there are at
least so many: of a group the newest ${limits.unreadLook} entries are looked at; of a private chat all are counted, but which messages deletions further back were of is not looked up.

**Sending again.** What got no answer is sent again with the same \`client_message_id\` and the same \`after_seq\`, the last \`seq\` of the chat that was seen when
it was sent first: then it is stored once, however late. Behind \`after_seq\` the service looks through 1 MB of the chat; if there is more, \`too_far_back\` names the \`after_seq\`
to go on from.

| type | text form | what it does |
| --- | --- | --- |
${commands.map((each) => `| [\`${each.type}\`](#${anchor(each.type)}) | ${textForm(each)} | ${each.doc} |`).join('\n')}`;

const repeats = () =>
  commands
    .flatMap(({ type, repeated }: Command) => (repeated ? [`\`${type}\` with \`${repeated}\``] : []))
    .join(', ');

const anchor = (type: string) => type.toLowerCase();

const textForm = (command: Command) => ('text' in command ? `\`${usageOf(command)}\`` : '');

const section = (command: Command) => `## ${command.type}

${command.doc}

${table('field', fieldsOf(command.request), aliasesOf(command))}

Success: type \`${command.reply.type}\`, status \`${command.reply.status}\`${replyFields(command)}.
Failure: type \`${command.fail.type}\`, status \`${command.fail.status}\`, code ${codeList(command)}.

\`\`\`json
→ ${JSON.stringify(exampleOf(command).request)}
← ${JSON.stringify(exampleOf(command).reply)}
\`\`\``;

function replyFields(command: Command): string {
  const fields = fieldsOf(command.replySchema).map(
    ({ name, required }) => `\`${name}\`${required ? '' : '?'}`,
  );
  return fields.length > 0 ? `, with ${fields.join(', ')}` : '';
}

const codeList = (command: Command) =>
  [...commonCodes, ...command.fail.codes].map((code) => `\`${code}\``).join(' ');

const aliasesOf = (command: Command) =>
  ('aliases' in command ? command.aliases : {}) as Record<string, string>;

interface Field {
  name: string;
  required: boolean;
  shape: string;
}

function fieldsOf(schema: z.core.$ZodType): Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return Object.entries(properties)
    .map(([name, shape]) => ({
      name,
      required: required.includes(name),
      shape: shapeOf(shape as JsonSchema),
    }))
    .filter(({ shape }) => shape !== '');
}

/** A field's type in words; empty for what a client cannot give. */
function shapeOf(schema: JsonSchema): string {
  if (schema.type === 'array') return `array of ${shapeOf(schema.items as JsonSchema)}`;
  if (schema.anyOf || schema.properties?.message_id) return 'message';
  if (schema.type === 'string' && schema.pattern) return 'name';
  return String(schema.type ?? '');
}

function table(kind: string, fields: Field[], aliases: Record<string, string>): string {
  if (fields.length === 0) return 'It takes no fields.';
  const also = (name: string) =>
    Object.entries(aliases)
      .filter(([, field]) => field === name)
      .map(([alias]) => `also accepted as \`${alias}\``)
      .join(', ');
  const rows = fields.map(
    ({ name, required, shape }) =>
      `| \`${name}\` | ${shape} | ${required ? 'required' : 'optional'} | ${also(name)} |`,
  );
  return [`| ${kind} | type | | |`, '| --- | --- | --- | --- |', ...rows].join('\n');
}

const pushSection = () => `## Pushes

Sent unasked, in the form that the connection used to log in. Messages in \`pending_messages\` and in \`history\`
have the fields of their push without \`type\`.

${Object.entries(pushes)
  .map(([type, { doc, fields }]) => {
    const names = fieldsOf(fields).map(({ name, required }) => `\`${name}\`${required ? '' : '?'}`);
    return `- \`${type}\`: ${doc} Fields: ${names.join(', ')}.`;
  })
  .join('\n')}`;

const codeSection = () => `## Codes

| code | meaning |
| --- | --- |
${Object.entries(codes)
  .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  .join('\n')}`;

const limitSection = () => `## Limits

| what | at most |
| --- | --- |
| a name | ${limits.nameLength} characters |
| a message's content | ${limits.contentBytes} bytes of UTF-8 |
| \`request_id\`, \`client_message_id\` | ${limits.idLength} characters |
| a password | ${limits.passwordBytes} bytes of UTF-8 |
| connections of one user at a time | what the deployment allows; 10 if it says nothing |
| groups that one user is in | ${limits.groups} |
| members of one group | ${limits.members} |
| messages in a page of history | ${limits.historyLimit} (${limits.historyDefault} if not said) |
| a page that the server sends | ${limits.frameBytes} bytes |
| a retry without \`after_seq\` is recognised among | the newest ${limits.retryWindow} messages of the chat |
| one look for a retry behind \`after_seq\` (then \`too_far_back\` says where to go on) | 1 MB of the chat |
| a frame that the client sends | 32 KB (API Gateway) |`;
