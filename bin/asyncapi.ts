import { stringify } from 'yaml';
import * as z from 'zod';
import { type Command, codes, commands, commonCodes, examples, pushes } from '../protocol/index.ts';

type Json = Record<string, unknown>;

const CHANNEL = '#/channels/chat';

/** Generates `docs/asyncapi.yaml`. In AsyncAPI 3, the service receives requests and sends everything else. */
export const asyncapi = (): string =>
  stringify(
    {
      asyncapi: '3.0.0',
      info: {
        title: 'Parley',
        version: '1.0.0',
        description:
          'A chat over one WebSocket. Generated from `protocol/` by `npm run docs`: change it there. ' +
          'One text frame is one message; protocol.md describes the text form for typing by hand.',
        license: { name: 'MIT' },
      },
      defaultContentType: 'application/json',
      servers: {
        local: { host: 'localhost:3001', protocol: 'ws', description: '`npm start`' },
        deployed: {
          host: '{api}.execute-api.{region}.amazonaws.com',
          pathname: '/{stage}',
          protocol: 'wss',
          description: 'Printed by `cdk deploy`',
          variables: {
            api: { description: "The API's id" },
            region: { default: 'us-east-1' },
            stage: { default: 'dev' },
          },
        },
      },
      channels: {
        chat: {
          address: '/',
          description: 'The connection of a client.',
          messages: Object.fromEntries(
            Object.keys(messages()).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
          ),
        },
      },
      operations: { ...Object.fromEntries(commands.map(operation)), ...pushOperations() },
      components: { messages: messages() },
    },
    // Repeats shapes instead of using YAML anchors, which are hard to read.
    { aliasDuplicateObjects: false, lineWidth: 110 },
  );

const requestOf = ({ type }: Command) => `${type}.request`;
const replyOf = ({ type }: Command) => `${type}.success`;
const failureOf = ({ type }: Command) => `${type}.failure`;

const inChannel = (name: string) => ({ $ref: `${CHANNEL}/messages/${name}` });

const operation = (command: Command) => [
  command.type,
  {
    action: 'receive',
    channel: { $ref: CHANNEL },
    summary: command.doc,
    messages: [inChannel(requestOf(command))],
    reply: {
      channel: { $ref: CHANNEL },
      messages: [inChannel(replyOf(command)), inChannel(failureOf(command))],
    },
  },
];

const pushOperations = () =>
  Object.fromEntries(
    Object.entries(pushes).map(([type, { doc }]) => [
      `push.${type}`,
      { action: 'send', channel: { $ref: CHANNEL }, summary: doc, messages: [inChannel(type)] },
    ]),
  );

const messages = (): Json => ({
  ...Object.fromEntries(commands.flatMap((command) => messagesOf(command))),
  ...Object.fromEntries(
    Object.entries(pushes).map(([type, { doc, fields }]) => [
      type,
      { summary: doc, payload: withFields({ type: { const: type } }, fields) },
    ]),
  ),
});

const requestId = { request_id: { type: 'string', maxLength: 64 } };

const messagesOf = (command: Command): [string, Json][] => [
  [
    requestOf(command),
    {
      summary: command.doc,
      payload: withAliases(
        command,
        withFields({ type: { const: command.type } }, command.request, requestId),
      ),
      examples: [{ payload: examples[command.type].request }],
    },
  ],
  [
    replyOf(command),
    {
      payload: withFields(
        { type: { const: command.reply.type }, status: { const: command.reply.status } },
        command.replySchema,
        requestId,
      ),
      examples: [{ payload: examples[command.type].reply }],
    },
  ],
  [failureOf(command), { payload: failure(command) }],
];

function failure({ fail }: Command): Json {
  const known: string[] = [...commonCodes, ...fail.codes];
  return {
    type: 'object',
    required: ['type', 'status', 'code', 'reason'],
    properties: {
      type: { const: fail.type },
      status: { const: fail.status },
      code: {
        enum: known,
        description: known.map((code) => `${code}: ${codes[code as keyof typeof codes]}`).join('\n'),
      },
      reason: { type: 'string', description: 'One sentence for people.' },
      retry_after_ms: { type: 'integer', description: 'With rate_limited.' },
      ...(known.includes('not_invited') && {
        ask: { type: 'string', description: 'With not_invited: the user who can invite.' },
      }),
      ...(known.includes('too_far_back') && {
        after_seq: { type: 'integer', description: 'With too_far_back: the value to retry with.' },
      }),
      ...requestId,
    },
  };
}

/** Converts a definition's schema to JSON Schema and adds the fields that every such frame has. */
function withFields(fixed: Json, schema: z.core.$ZodType, optional: Json = {}): Json {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  const { properties = {}, required = [] } = shape as { properties?: Json; required?: string[] };
  return {
    ...shape,
    required: [...Object.keys(fixed), ...required],
    properties: { ...fixed, ...properties, ...optional },
  };
}

/** Accepts each field under its aliases too: `required` then asks for one of the names. */
function withAliases({ aliases = {} }: Command, payload: Json): Json {
  const { properties, required } = payload as { properties: Json; required: string[] };
  const named = Object.entries(aliases as Record<string, string>);
  const isAliased = (field: string) => named.some(([, of]) => of === field);
  const oneOf = (field: string) => {
    const names = [field, ...named.flatMap(([alias, of]) => (of === field ? [alias] : []))];
    return { anyOf: names.map((name) => ({ required: [name] })) };
  };
  const aliased = required.filter(isAliased);
  return {
    ...payload,
    properties: { ...properties, ...Object.fromEntries(named.map(([alias, of]) => [alias, properties[of]])) },
    required: required.filter((field) => !isAliased(field)),
    ...(aliased.length > 0 && { allOf: aliased.map(oneOf) }),
  };
}
