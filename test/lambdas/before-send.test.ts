import { inspect } from 'node:util';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { beforeSendOf } from '../../lambdas/aws/before-send.ts';
import type { Invoke } from '../../lambdas/aws/invoke.ts';
import { withObservability } from '../../lambdas/runtime/observability.ts';
import { limits } from '../../protocol/index.ts';
import { contextOf } from '../support/event.ts';

const invoke = vi.fn<Invoke>();
const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
vi.spyOn(process.stdout, 'write').mockImplementation(said as never);
beforeEach(() => {
  invoke.mockReset();
  said.mockClear();
});

const asked = { type: 'message', chat_id: '#team', sender: 'ann', content: 'a secret' } as const;
const ask = (fails: 'open' | 'closed' = 'closed') =>
  withObservability('SEND_MESSAGE', () => beforeSendOf(invoke, 'hook', fails)(asked))(
    {} as never,
    contextOf(),
  );

test('the function gets the message as it is', async () => {
  invoke.mockResolvedValue({ verdict: 'allow' });
  expect(await ask()).toEqual({ verdict: 'allow' });
  expect(invoke.mock.calls).toEqual([['hook', asked]]);
  expect(said.mock.calls.join()).not.toContain('beforeSend');
});

test.each([
  [{ verdict: 'allow', reason: 'x', more: 1 }, { verdict: 'allow' }],
  [
    { verdict: 'deny', reason: ' No.\n Not\there. ' },
    { verdict: 'deny', reason: 'No. Not here.' },
  ],
  [{ verdict: 'deny' }, { verdict: 'deny', reason: 'This message is not allowed here.' }],
  [
    { verdict: 'deny', reason: 7 },
    { verdict: 'deny', reason: 'This message is not allowed here.' },
  ],
  [
    { verdict: 'deny', reason: 'x'.repeat(600) },
    { verdict: 'deny', reason: 'x'.repeat(500) },
  ],
  [
    { verdict: 'rewrite', content: ' y\n' },
    { verdict: 'rewrite', content: ' y\n' },
  ],
])('%o is a verdict', async (answer, verdict) => {
  invoke.mockResolvedValue(answer);
  expect(await ask()).toEqual(verdict);
});

const none: [string, () => Promise<unknown>][] = [
  ...[
    null,
    true,
    'allow',
    [],
    {},
    { allow: true },
    { verdict: 'Allow' },
    { verdict: 'rewrite' },
    { verdict: 'rewrite', content: '' },
    { verdict: 'rewrite', content: 7 },
    { verdict: 'rewrite', content: '\ud800' },
    { verdict: 'rewrite', content: 'é'.repeat(limits.contentBytes / 2 + 1) },
  ].map((answer): [string, () => Promise<unknown>] => [
    `the answer ${JSON.stringify(answer).slice(0, 50)}`,
    async () => answer,
  ]),
  ['an error of the function', () => Promise.reject(new Error('hook: {"errorMessage":"about a secret"}'))],
  ['a throttled function', () => Promise.reject(new Unavailable('hook: 429'))],
  ['a function that takes too long', () => Promise.reject(new OutcomeUnknown('hook: timed out'))],
];

describe.each(none)('%s is no verdict', (_, answer) => {
  beforeEach(() => void invoke.mockImplementation(answer));

  test('closed, the message is not stored, and may be sent again', async () => {
    const error = await ask('closed').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Unavailable);
    // The log has it with all its causes.
    expect(inspect(error, { depth: 9 })).not.toContain('secret');
  });

  test('open, it is stored', async () => {
    expect(await ask('open')).toEqual({ verdict: 'allow' });
  });

  test('the log says so, without what the function says of the message', async () => {
    await ask('open');
    const lines = said.mock.calls.flat().join('\n');
    expect(lines).toContain('stored unasked');
    expect(lines).not.toContain('secret');
  });
});
