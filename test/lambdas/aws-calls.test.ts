import './aws.ts';
import { describe, expect, test, vi } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { invokeIn } from '../../lambdas/aws/invoke.ts';
import { gateway as gatewayPort } from '../../lambdas/runtime/ports.ts';
import { contextOf, eventOf } from '../support/event.ts';
import { handlerOf } from './handlers.ts';
import { http } from './http.ts';

const byDefault = handlerOf('defaultRoute');
const gateway = gatewayPort('POST').make();
const invoke = invokeIn('us-east-1', 25_000);
const noAnswer = (code: string) => Object.assign(new Error(code), { code });
const timeout = Object.assign(new Error('too late'), { name: 'TimeoutError' });

/** What comes of a call when no time passes between its attempts. */
async function outcomeOf<T>(call: Promise<T>): Promise<T | Error> {
  const settled = call.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

describe('the management API', () => {
  test.each([
    ['taken', [503, 429, 200]],
    ['taken', [noAnswer('ECONNRESET'), timeout, 200]],
    ['failed', [500, 502, 503]],
    ['throttled', [429, 429, 429]],
    ['gone', [410]],
    ['failed', [400]],
    ['failed', [403]],
    ['failed', [413]],
  ] as const)('a post is %s after the answers %j, with no attempt more', async (outcome, answers) => {
    http.retries();
    http.answers(() => answers[http.requests.length - 1] ?? 200);
    expect(await outcomeOf(gateway.post('c2', 'hi'))).toBe(outcome);
    expect(http.requests).toHaveLength(answers.length);
    expect(new Set(http.postedTo('c2'))).toEqual(new Set(['hi']));
  });
});

describe('Invoke', () => {
  const event = { ...eventOf('c1', '{"type":"ping"}') };

  test('returns what the function returns', async () => {
    expect(await invoke('ping', event)).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('pong'),
    });
  });

  test.each([
    ['is throttled twice', [429, 429, 200]],
    ['never got there twice', [noAnswer('ECONNREFUSED'), noAnswer('ENOTFOUND'), 200]],
  ] as const)('that %s is tried again, since it ran nothing', async (_, answers) => {
    http.retries();
    http.invokeAnswers(() => answers[http.invoked.length - 1] ?? 200);
    expect(await outcomeOf(invoke('ping', event))).toMatchObject({ statusCode: 200 });
    expect(http.invoked).toHaveLength(3);
  });

  test.each([
    [Unavailable, 429, 3],
    [Unavailable, noAnswer('ECONNREFUSED'), 3],
    [OutcomeUnknown, 500, 1],
    [OutcomeUnknown, 503, 1],
    [OutcomeUnknown, timeout, 1],
    [OutcomeUnknown, noAnswer('ECONNRESET'), 1],
  ])('fails with %o when all that comes is %s, after %i attempts', async (kind, answer, attempts) => {
    http.retries();
    http.invokeAnswers(answer);
    expect(await outcomeOf(invoke('ping', event))).toBeInstanceOf(kind);
    expect(http.invoked).toHaveLength(attempts);
  });

  test('of a function that throws or times out fails with what Lambda says of it', async () => {
    http.invokeAnswers({ functionError: '{"errorMessage":"Task timed out"}' });
    await expect(invoke('ping', event)).rejects.toThrow('ping: {"errorMessage":"Task timed out"}');
  });
});

describe('$default', () => {
  const typed = async (line: string) => {
    await byDefault(eventOf('c1', line), contextOf());
    return http.postedTo('c1');
  };

  test.each([
    ['busy', 429, 'send_fail The service is busy, and nothing was stored. Try again.'],
    ['outcome unknown', 500, expect.stringMatching(/^send_fail It is not known whether this took effect/)],
    ['ours to mend', 403, 'send_fail Something failed on our side. Quote aws-request.'],
    ['ours to mend', { functionError: '{}' }, 'send_fail Something failed on our side. Quote aws-request.'],
  ])('reports %s when Invoke answers %j', async (_, answer, reply) => {
    http.invokeAnswers(answer);
    expect(await typed('send bob hi')).toEqual([reply]);
  });

  test.each(['', 'shout', '{"type":"shout"}', '{', 'register ann pw more'])(
    'invokes nothing for %j, and answers itself',
    async (frame) => {
      expect(await typed(frame)).toHaveLength(1);
      expect(http.invoked).toEqual([]);
    },
  );

  test.each([
    ['ping', 'ping'],
    ['{"type":" Ping "}', 'ping'],
    ['send bob hi', 'SEND_MESSAGE'],
    ['create_group team', 'create_group'],
  ])('runs %j in the function of its command: %s', async (frame, name) => {
    await typed(frame);
    expect(http.invoked).toEqual([name]);
  });
});
