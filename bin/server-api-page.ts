import { commands, limits, operatorCommands } from '../protocol/index.ts';
import { section } from './protocol-page.ts';

/** Generates `docs/server-api.md`. */
export const serverApiPage = (): string =>
  `${[intro(), ...operatorCommands.map((each) => section(each, 'protocol.md'))].join('\n\n')}\n`;

const intro = () => `# The server API

Generated from \`protocol/\` by \`npm run docs\`. Edit the definitions there, or the text in \`bin/server-api-page.ts\`, not this page.

A backend speaks through a Lambda function of the service: no socket, no login. The stack's output \`ApiFunction\` names it, the
construct has it as \`chat.functions.api\`. It is invoked synchronously with one of two events:

\`\`\`json
{"as":"user1","request":{"type":"SEND_MESSAGE","recipient":"user2","content":"Hi","client_message_id":"order-4711"}}
{"request":{"type":"create_user","username":"user1"}}
\`\`\`

With \`as\` a user does what [the protocol](protocol.md) describes: the same fields, rules and replies, and everybody is told as if they
had done it on a device of theirs. Without \`as\` the operator does what is below. What the function returns is the reply as JSON. A
mistake is a reply with a \`code\` and a \`reason\`, never an error of Lambda's.

**On this machine**, with \`npm start\` running:

\`\`\`sh
npm run admin -- call '{"request":{"type":"create_user","username":"ann"}}'
npm run admin -- call '{"as":"ann","request":{"type":"list_chats"}}'
\`\`\`

\`--port N\` finds a service on another port, \`--outputs FILE\` a deployed one.

**From a backend** on Node, with [\`@parley-chat/server\`](../packages/server/README.md), which knows all types and repeats what can be repeated:

\`\`\`js
import { serverApi } from '@parley-chat/server';

const chat = serverApi({ functionName: process.env.CHAT_API_FUNCTION });
await chat.request({ type: 'create_user', username: 'ann' });
await chat.as('ann').request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'Hi' });
\`\`\`

In any other language, with AWS's SDK, as here in JavaScript:

\`\`\`js
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

const lambda = new LambdaClient({});

async function call(event) {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: process.env.API_FUNCTION, Payload: JSON.stringify(event) }),
  );
  if (FunctionError) throw new Error(Buffer.from(Payload).toString());
  return JSON.parse(Buffer.from(Payload).toString());
}
\`\`\`

**Who may.** Whoever has \`lambda:InvokeFunction\` on this one function, and nobody else: \`chat.grantInvokeApi(backend)\` in a CDK app. They
may act as anybody, so give it to the backend alone.

**Repeats.** The SDK repeats a call whose answer was lost, and so should you after \`busy\`, \`outcome_unknown\`,
\`internal_error\` or no answer: only \`busy\` says that nothing was stored. Messages, edits and deletions take a
\`client_message_id\`: with it they take effect once, also if two calls run at the same time. Take one that says what it is
about, like \`order-4711-shipped\`. For a repeat that comes late, also send \`after_seq\`, as [the
protocol](protocol.md#rules-for-clients) says. Of the operator's commands each can be repeated; \`create_session\` opens
another session then.

**Limits.** What a backend does counts on nobody's rate, \`sendRate\` and \`registerRate\` included, whoever it acts as. Its own pace is its
limit, and the account's concurrency. Limits of sizes and numbers hold, and a request has at most ${limits.requestBytes / 1024} KB. Two invitations of
one user by another still need three seconds between them, and typing notices their interval.

**Users.** A user has to exist before anybody can write to them or act as them. Without an identity provider anybody may also
\`register\`, unless \`-c registration=closed\` leaves it to you: \`create_user\` says with \`created\` whether the user is new, also in a retry with the same \`idempotency_key\`. Users without a password log in by their name alone, unless passwords
are required (\`-c passwords=required\`); require them, and hand out sessions.

**As the system.** \`send_system_message\` has no user behind it: \`{"request":{"type":"send_system_message","chat":"#team","content":"Ann has
joined."}}\`. It is stored, delivered, pending and read like any message, with \`"sender":"system","system":true\`; page, terminal and the
SDK's view show it as the service's own. What should have a name, a picture and answers is better sent by a user of its own: create
\`shop\`, and send as \`shop\`.

**Not as a user**, since a backend has no connection:

| command | instead |
| --- | --- |
${commands.flatMap(({ type, notAsUser }) => (notAsUser ? [`| \`${type}\` | ${notAsUser} |`] : [])).join('\n')}

\`logout\` as a user needs \`everywhere\`, and ends all their sessions and connections.

## What the operator may do

| type | what it does |
| --- | --- |
${operatorCommands.map(({ type, doc }) => `| [\`${type}\`](#${type}) | ${doc} |`).join('\n')}
${commands.flatMap(({ type, operator }) => (operator ? [`| [\`${type}\`](protocol.md#${type}) | As a user does, but in any chat, of any sender or owner. |`] : [])).join('\n')}`;
