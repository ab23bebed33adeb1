import { expect, test } from 'vitest';
import { editedAssembly, idOf, replaceCode } from '../support/edited-assembly.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { REASON } from '../support/shapes.ts';

// A deployment in which some functions are broken, each in its way; all others are as they should be.
const assembly = await editedAssembly(async (resources, dir) => {
  const named = (type: string, name: string) => {
    const resource = resources[idOf(resources, type, (_, id) => id.startsWith(name))];
    if (resource === undefined) throw new Error(name);
    return resource;
  };
  const lambda = (name: string) => named('AWS::Lambda::Function', `${name}Function`);
  await replaceCode(lambda('Help'), dir, "export const handler = async () => { throw new Error('boom') }");
  await replaceCode(lambda('JoinGroup'), dir, 'export const handler = () => process.exit(1)');
  await replaceCode(lambda('LeaveGroup'), dir, 'export const handler = () => new Promise(() => {})');
  lambda('LeaveGroup').Properties.Timeout = 1;
  delete lambda('FetchHistory').Properties.Environment.Variables.HISTORY_TABLE;
  const [{ PolicyDocument }] = named('AWS::IAM::Role', 'CreateGroupRole').Properties.Policies;
  for (const statement of PolicyDocument.Statement) {
    statement.Action = [statement.Action].flat().filter((action: string) => action !== 'dynamodb:PutItem');
  }
});

const logged: string[] = [];
const { given } = await ownCloud({ assembly, patience: 1, log: ({ line }) => logged.push(line) });

const log = () => logged.join('\n');
const errorFrame = {
  message: 'Internal server error',
  connectionId: expect.any(String),
  requestId: expect.any(String),
};

test.each([
  ['that throws', { type: 'help' }, /Error.*boom/],
  ['that ends its process', { type: 'join_group', group_id: 'x' }, /exit/i],
  [
    'that does not come to an end',
    { type: 'leave_group', group_id: 'x' },
    /Task timed out after 1.00 seconds/,
  ],
  ['that does not load', { type: 'fetch_history', recipient: 'x' }, /HISTORY_TABLE/],
])(
  "a function %s gives the client the service's error frame, every time, and the log has the reason",
  async (_, request, why) => {
    const user = await given.aUser();
    for (const __ of ['first', 'again']) {
      logged.length = 0;
      user.send(JSON.stringify(request));
      const frame = await user.nextText('the error frame', (text) => text.includes('Internal server error'));
      expect(JSON.parse(frame)).toEqual(errorFrame);
      expect(log()).toMatch(why);
    }
    expect(await user.request({ type: 'ping' })).toHaveProperty('type', 'pong');
  },
);

test('a missing right is an internal_error: the client gets an id to quote, and the log the whole error', async () => {
  const user = await given.aUser();
  logged.length = 0;
  const request = { type: 'create_group', group_name: 'team' };
  expect(await user.request({ ...request, request_id: 'mine' })).toEqual({
    type: 'create_group_response',
    status: 'create_group_fail',
    code: 'internal_error',
    reason: REASON,
    request_id: 'mine',
  });
  expect(log()).toContain('AccessDeniedException');
  expect(log()).toMatch(/"stack":/);
  const reply = await user.ask(JSON.stringify(request));
  expect(reply).toHaveProperty('code', 'internal_error');
  expect(reply.reason).toContain(reply.request_id);
  expect(JSON.stringify(reply)).not.toMatch(/AccessDenied|dynamodb| at /);
  expect(log()).toContain(reply.request_id);
});

test.each([
  ['throws', 'help', 'error'],
  ['ends its process', 'join_group x', 'join_group_fail'],
  ['does not come to an end', 'leave_group x', 'leave_group_fail'],
  ['does not load', 'fetch_history x', 'history_fail'],
  ['lacks a right', 'create_group club', 'create_group_fail'],
])('a line whose function %s is answered by a line with an id to quote', async (_, line, word) => {
  const user = await given.aUser('text');
  expect(await user.say(line)).toMatch(
    new RegExp(`^${word} Something failed on our side. Quote [\\w-]+\\.$`),
  );
  expect(await user.say('ping')).toBe('pong');
});
