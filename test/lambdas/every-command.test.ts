import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { passwordsAndTokens } from '../../lambdas/runtime/passwords.ts';
import { type Command, commands, examples } from '../../protocol/index.ts';
import { GetCommand, UpdateCommand } from '../../store/documents.ts';
import { noSuchTable, serverError, throttles } from '../store/aws-errors.ts';
import { contextOf } from '../support/event.ts';
import { dynamo, given, logged, reply } from './aws.ts';
import { commandHandler, handlerOf } from './handlers.ts';
import { http } from './http.ts';

const withoutData = ['ping', 'help'];

const cases = commands.map((command: Command) => [command.type, command] as const);

// user1, on the connection that asks.
const here = { connections: { c1: { form: 'json', since: Date.now(), login: 'l' } }, pending: {} };

describe.each(cases)('%s', (type, command) => {
  const frame = { ...examples[command.type].request, request_id: 'r1' };
  const answered = async (sent: object | string = frame) => {
    return JSON.parse((await reply(commandHandler(command), sent)) ?? '') as Record<string, unknown>;
  };
  const byBackend = async () => {
    // It has no connection of its own that it could log out.
    const request = type === 'logout' ? { ...frame, everywhere: true } : frame;
    return (await handlerOf('serverApi')({ as: 'user1', request }, contextOf())) as Record<string, unknown>;
  };
  const succeeded = { type: command.reply.type, status: command.reply.status, request_id: 'r1' };
  const refused = { type: command.fail.type, status: command.fail.status };
  const loggedIn = (password?: string) =>
    given({
      password,
      loggedIn: { c1: 'user1' },
      users: ['user1', 'user3'],
      groups: ['groupname1'],
      members: { '#groupname1': ['user1', 'user2'] },
      // It looks whether this very connection is still there.
      inboxes: type === 'change_password' ? { user1: here } : {},
    });

  test('succeeds with its example by its own route, by $default and, if backends may, as a user of theirs', async () => {
    const { old_password } = frame as { old_password?: string };
    loggedIn(old_password && (await passwordsAndTokens.hash(old_password)));
    // A message of theirs, to change.
    const message = { seq: 2, sender: 'user1' };
    dynamo
      .on(GetCommand, { TableName: 'history' })
      .resolves({ Item: message })
      .on(UpdateCommand, { TableName: 'history' })
      .callsFake(({ ExpressionAttributeValues: values }) => ({
        Attributes: { ...message, editIds: values[':editIds'] },
      }));
    // A group of theirs, to hand over.
    const group = { name: 'groupname1', kind: 'group', attemptId: 'groupname1' };
    dynamo
      .on(UpdateCommand, { TableName: 'names', UpdateExpression: 'SET #owner = :to' })
      .callsFake(({ ExpressionAttributeValues: values }) => ({
        Attributes: { ...group, owner: values[':to'] },
      }));
    const byDefault = async () => JSON.parse((await reply(handlerOf('defaultRoute'), frame)) ?? '');
    const ways = [answered, byDefault, ...(command.notAsUser === undefined ? [byBackend] : [])];
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const ask of ways) {
      const { type: replyType, status, request_id, ...fields } = await ask();
      expect({ type: replyType, status, request_id }).toEqual(succeeded);
      expect(z.strictObject(command.reply.fields).safeParse(fields).error).toBeUndefined();
      http.forget();
      // Some may not be done twice in a few seconds.
      vi.setSystemTime(Date.now() + 60_000);
    }
    expect(logged).toContainEqual(expect.objectContaining({ message: type, outcome: 'ok', form: 'json' }));
  });

  if (command.notAsUser !== undefined) {
    test('is not for backends, which are told what is, and nothing is done', async () => {
      await expect(byBackend()).resolves.toEqual({
        ...refused,
        code: 'not_allowed',
        reason: `${type} is not for backends. ${command.notAsUser}`,
        request_id: 'r1',
      });
      expect(http.invoked).toEqual([]);
      expect(dynamo.calls()).toEqual([]);
    });
  }

  if ((command.fail.codes as readonly string[]).includes('not_logged_in')) {
    test('is refused without a login, and writes nothing', async () => {
      await expect(answered()).resolves.toEqual({
        ...refused,
        code: 'not_logged_in',
        reason: 'Log in first.',
        request_id: 'r1',
      });
      const asked = dynamo
        .calls()
        .map(({ args: [{ input }] }) => (input as { TableName?: string }).TableName);
      expect(asked).toEqual(['connections']);
    });
  }

  test.each(['{"type":', '[]', ''])('%j is a bad request', async (body) => {
    await expect(answered(body)).resolves.toMatchObject({ ...refused, code: 'bad_request' });
    expect(dynamo.calls()).toEqual([]);
    expect(logged).toMatchObject([{ level: 'info', outcome: 'bad_request' }]);
  });

  if (withoutData.includes(type)) return;

  describe('when the database fails', () => {
    test.each([...throttles, serverError()])('with $name it is busy', async (error) => {
      dynamo.onAnyCommand().rejects(error);
      // The claim of a name may have taken effect before the 5xx: then nobody can say that nothing was stored. Every
      // other command begins with a read.
      const code = type === 'register' && error.$fault === 'server' ? 'outcome_unknown' : 'busy';
      await expect(answered()).resolves.toMatchObject({ ...refused, code, request_id: 'r1' });
      expect(logged).toMatchObject([{ message: type, outcome: code }]);
    });

    test('with an unknown error, there is an id to quote, and the log has the stack', async () => {
      dynamo.onAnyCommand().rejects(noSuchTable());
      const { request_id: _, ...bare } = frame;
      const reason = 'Something failed on our side. Quote aws-request.';
      await expect(answered(bare)).resolves.toEqual({
        ...refused,
        code: 'internal_error',
        reason,
        request_id: 'aws-request',
      });
      expect(logged).toMatchObject([
        {
          level: 'error',
          message: type,
          outcome: 'internal_error',
          connection_id: 'c1',
          request_id: 'aws-request',
          error: {
            name: 'ResourceNotFoundException',
            stack: expect.stringContaining('ResourceNotFoundException'),
          },
        },
      ]);
    });
  });
});
