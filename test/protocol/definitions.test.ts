import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  type Command,
  checkFields,
  codes,
  commands,
  commonCodes,
  examples,
  limits,
  message,
  readFrame,
  writeReply,
} from '../../protocol/index.ts';

const unique = (values: readonly unknown[]) => expect(new Set(values).size).toBe(values.length);

test('no two commands share a type or a line, whatever their case', () => {
  unique(commands.map(({ type }) => type.toLowerCase()));
  unique(commands.flatMap(({ text }: Command) => text?.word.toLowerCase() ?? []));
});

describe.each(commands.map((command: Command) => [command.type, command] as const))('%s', (_, command) => {
  const { fields, aliases, text } = command;
  const example = examples[command.type];

  test('takes a group by each name of that field', () => {
    if ('group_id' in fields) expect({ aliases }).toMatchObject({ aliases: { groupname: 'group_id' } });
  });

  test('its example request is valid, and has no unknown field', () => {
    const frame = readFrame(JSON.stringify(example.request));
    expect(frame).toMatchObject({ form: 'json', command, problem: undefined });
    const checked = checkFields(command, frame.input);
    const { type: _type, ...sent } = example.request as Record<string, unknown>;
    const known = Object.entries(sent).map(([field, value]) => [aliases?.[field as never] ?? field, value]);
    expect(checked).toEqual(Object.fromEntries(known));
  });

  test('its example reply has exactly the fields of its definition', () => {
    const { type, status, ...reply } = example.reply as Record<string, unknown>;
    expect({ type, status }).toEqual({ type: command.reply.type, status: command.reply.status });
    const strict = z.strictObject(command.reply.fields);
    expect(strict.safeParse(reply).error).toBeUndefined();
    expect(JSON.parse(writeReply(command, 'json', reply))).toEqual(example.reply);
  });

  test('its aliases stand for fields of its own', () => {
    for (const [alias, field] of Object.entries(aliases ?? {})) {
      expect(fields).toHaveProperty(field);
      expect(fields).not.toHaveProperty(alias);
    }
    expect(fields).not.toHaveProperty('type');
    expect(fields).not.toHaveProperty('request_id');
  });

  // Most become keys of the database, which refuses long ones only when they reach it.
  test.each(['registered', 'provided'] as const)('its texts have a limit, where users are %s', (users) => {
    // A sender is only compared.
    for (const field of Object.keys(fields).filter((name) => name !== 'sender'))
      for (const text of ['x'.repeat(40_000), '#x'.repeat(600), '😀'.repeat(1_025)]) {
        const input = { ...example.request, [field]: text };
        // A message and a token may be long, but are no keys.
        if (['content', 'token'].includes(field) && text.length < limits.jwtLength) continue;
        expect(() => checkFields(command, input, users), `${field}: ${text.slice(0, 2)}…`).toThrow();
      }
  });

  test('its fail codes are known, each named once', () => {
    unique([...commonCodes, ...command.fail.codes]);
    for (const code of command.fail.codes) expect(codes).toHaveProperty(code);
  });

  if (!text) return;

  test('its line has words that are fields, and its answer starts with its status, except for help', () => {
    for (const arg of text.args) expect(fields).toHaveProperty(arg);
    const [first] = writeReply(command, 'text', example.reply).split(/\s/);
    expect(first === command.reply.status).toBe(command.type !== 'help');
  });
});

test('the largest page of history leaves room in a frame of 32 KB for one message of the largest content', () => {
  expect(limits.frameBytes).toBeLessThan(32 * 1024);
  expect(limits.contentBytes).toBeLessThan(limits.frameBytes);
});

test('a message is either private or of a group, which its fields say', () => {
  const common = {
    message_id: 'm',
    chat_id: 'c',
    seq: 1,
    sender: 'ann',
    content: 'hi',
    timestamp: '2024-08-21T10:02:00.000Z',
  };
  expect(message.safeParse({ ...common, recipient: 'bob' }).success).toBe(true);
  expect(message.safeParse({ ...common, groupname: 'team', group_id: 'team' }).success).toBe(true);
  expect(message.safeParse(common).success).toBe(false);
  expect(message.safeParse({ ...common, recipient: 'bob', timestamp: 'today' }).success).toBe(false);
});
