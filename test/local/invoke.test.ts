import { describe, expect, test } from 'vitest';
import { ask, localCloud, signedAs } from './cloud.ts';

const mayInvoke = (...functions: string[]) => ({
  Effect: 'Allow',
  Action: 'lambda:InvokeFunction',
  Resource: functions.map((id) => ({ 'Fn::GetAtt': [`${id}Function`, 'Arn'] })),
});
const { open, cloud } = await localCloud({
  caller: { handler: 'about', statements: [mayInvoke('echo', 'thrower', 'exit', 'slow')] },
  echo: { handler: 'echo' },
  other: { handler: 'echo' },
  thrower: { handler: 'thrower' },
  exit: { handler: 'exit' },
  slow: { handler: 'sleeper', timeout: 1 },
});
const { env } = await ask(await open(), { type: 'caller' });

const call = (name: string, event: unknown = {}, headers: Record<string, string> = {}) =>
  fetch(`${env.AWS_ENDPOINT_URL_LAMBDA}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: { ...signedAs(env), ...headers },
    body: typeof event === 'string' ? event : JSON.stringify(event),
  });

/** The status, and the name of the error. */
const refusal = async (answer: Promise<Response>) => {
  const { status, headers } = await answer;
  return [status, headers.get('x-amzn-errortype')];
};

describe('an Invoke', () => {
  test('passes the event to the function, and its result to the caller', async () => {
    const response = await call('echoFunction', { body: 'ä', form: 'text' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-amz-function-error')).toBeNull();
    expect(JSON.parse(((await response.json()) as { body: string }).body)).toEqual({
      body: 'ä',
      form: 'text',
    });
  });

  test('takes a function by its ARN, too', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:echoFunction';
    expect((await call(encodeURIComponent(arn))).status).toBe(200);
  });

  test.each([
    ['throws', 'throwerFunction', /boom/],
    ['dies', 'exitFunction', /exited with error/],
  ])('of a function that %s is answered 200, with the failure as its result', async (_, name, says) => {
    const response = await call(name);
    expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
    expect(await response.json()).toEqual({ errorType: 'Error', errorMessage: expect.stringMatching(says) });
  });

  test('of a function that times out is answered 200, with the failure as its result', async () => {
    const response = await call('slowFunction', { body: JSON.stringify({ for: 60_000 }) });
    expect(response.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await response.json()).toMatchObject({ errorMessage: 'Task timed out after 1.00 seconds' });
  });

  test('needs the right to it', async () => {
    expect(await refusal(call('otherFunction'))).toEqual([403, 'AccessDeniedException']);
    expect(await refusal(call('none'))).toEqual([403, 'AccessDeniedException']);
  });

  test.each([
    [
      'another way of invoking',
      { 'x-amz-invocation-type': 'Event' },
      [400, 'InvalidParameterValueException'],
    ],
    ['a stranger', { 'x-amz-security-token': 'guessed' }, [403, 'UnrecognizedClientException']],
  ])('of %s is refused', async (_, headers: Record<string, string>, expected) => {
    expect(await refusal(call('echoFunction', {}, headers))).toEqual(expected);
  });

  test('of more than 6 MB is refused', async () => {
    const event = JSON.stringify({ body: 'x'.repeat(6 * 1024 * 1024) });
    expect(await refusal(call('echoFunction', event))).toEqual([413, 'RequestTooLargeException']);
  });

  test('over the rate is refused, as a fault', async () => {
    await cloud.setFaults({ seed: 1, lambda: { busy: 1 } });
    expect(await refusal(call('echoFunction'))).toEqual([429, 'TooManyRequestsException']);
    await cloud.setFaults();
    expect((await call('echoFunction')).status).toBe(200);
  });
});
