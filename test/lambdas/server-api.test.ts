import { expect, test, vi } from 'vitest';
import { onApiCall } from '../../lambdas/api.ts';
import { FunctionFailed, type Invoke } from '../../lambdas/aws/invoke.ts';
import { contextOf } from '../support/event.ts';
import './env.ts';

const credentials = { get: async (username: string) => ({ username, attemptId: username }) } as never;

/** The reply to a call whose command's function answers so. */
const replyAfter = (invoke: Invoke) =>
  onApiCall({ credentials, invoke })({ as: 'ann', request: { type: 'list_chats' } }, contextOf());

test('a function that was killed or had no time left may have done it: the caller is told so', async () => {
  const invoke = vi.fn<Invoke>().mockRejectedValue(new FunctionFailed('ListChats: Task timed out'));
  expect(await replyAfter(invoke)).toMatchObject({ status: 'list_chats_fail', code: 'outcome_unknown' });
  expect(invoke).toHaveBeenCalledTimes(1);
});

test('a function that may not be invoked is a fault of the service', async () => {
  const refused = new Error('AccessDeniedException');
  expect(await replyAfter(() => Promise.reject(refused))).toMatchObject({ code: 'internal_error' });
});
