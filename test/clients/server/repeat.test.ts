import { expect, test } from 'vitest';
import { serverApi, serverApiOf } from '../../../clients/server/server-api.ts';
import { commands } from '../../../protocol/index.ts';

type Fields = Record<string, unknown>;

/** A service that answers so, one reply after the other. */
function answering(...replies: (Fields | Error)[]) {
  const calls: { as?: string; request: Fields }[] = [];
  const pauses: number[] = [];
  const invoke = async (call: string) => {
    calls.push(JSON.parse(call));
    const reply = replies.shift();
    if (reply === undefined || reply instanceof Error) throw reply ?? new Error('called too often');
    return reply;
  };
  const pause = async (milliseconds: number) => pauses.push(milliseconds);
  const api = serverApiOf({ invoke, close: () => {} }, { attempts: 4, pause, random: () => 1 });
  return { api, calls, pauses };
}

const SENT = { type: 'MESSAGE_SENT', message_id: 'm', chat_id: 'ann:bob', seq: 1, timestamp: 't' };
const SEND = { type: 'SEND_MESSAGE', recipient: 'bob', content: 'hi' } as const;
const refused = (code: string, more: Fields = {}) => ({ code, reason: 'So it is.', ...more });

test('a message gets a key, and keeps it when the call is made again', async () => {
  const { api, calls, pauses } = answering(refused('outcome_unknown'), refused('internal_error'), SENT);
  expect(await api.as('ann').request(SEND)).toEqual(SENT);
  const [first] = calls;
  expect(first).toMatchObject({ as: 'ann', request: SEND });
  expect(first?.request.client_message_id).toHaveLength(36);
  expect(calls).toEqual([first, first, first]);
  expect(pauses).toEqual([200, 400]);
  const other = answering(SENT);
  await other.api.as('ann').request(SEND);
  expect(other.calls[0]?.request.client_message_id).not.toBe(first?.request.client_message_id);
});

test('a key of the caller’s stays', async () => {
  const { api, calls } = answering(refused('busy'), SENT);
  await api.as('ann').request({ ...SEND, client_message_id: 'order-1' });
  expect(calls.map(({ request }) => request.client_message_id)).toEqual(['order-1', 'order-1']);
});

test('a user is created by a key, too, so that a repeat can tell them from who has the name', async () => {
  const made = { type: 'create_user_response', username: 'ann', created: true };
  const { api, calls } = answering(refused('outcome_unknown'), made);
  await api.request({ type: 'create_user', username: 'ann' });
  expect(calls[0]?.request.idempotency_key).toHaveLength(36);
  expect(calls[1]).toEqual(calls[0]);
});

test('what would be refused a second time is made again only if nothing happened', async () => {
  const made = { type: 'create_group_response', group_id: 'team' };
  const group = { type: 'create_group', group_name: 'team' } as const;
  const busy = answering(refused('busy'), made);
  expect(await busy.api.as('ann').request(group)).toEqual(made);
  for (const code of ['outcome_unknown', 'internal_error']) {
    const { api, calls } = answering(refused(code), made);
    await expect(api.as('ann').request(group)).rejects.toMatchObject({ code });
    expect(calls).toHaveLength(1);
  }
});

test('waits as long as it is told, but not for long', async () => {
  const { api, pauses } = answering(refused('rate_limited', { retry_after_ms: 2_900 }), SENT);
  await api.as('ann').request(SEND);
  expect(pauses).toEqual([2_900]);
  const slow = answering(refused('rate_limited', { retry_after_ms: 60_000 }));
  await expect(slow.api.as('ann').request(SEND)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 60_000,
  });
  expect(slow.pauses).toEqual([]);
});

test('gives up with the last failure', async () => {
  const { api, calls } = answering(
    ...Array.from({ length: 4 }, (_, n) => refused('busy', { reason: `${n}` })),
  );
  await expect(api.request({ type: 'create_user', username: 'ann' })).rejects.toMatchObject({
    name: 'ServerApiError',
    message: 'busy: 3',
  });
  expect(calls).toHaveLength(4);
});

test('looks on for an earlier attempt, however far it is, and never from the same place', async () => {
  const steps = [100, 200, 300, 400, 500, 600].map((after_seq) => refused('too_far_back', { after_seq }));
  const { api, calls, pauses } = answering(...steps, SENT);
  await api.as('ann').request({ ...SEND, client_message_id: 'k', after_seq: 1 });
  expect(calls.map(({ request }) => request.after_seq)).toEqual([1, 100, 200, 300, 400, 500, 600]);
  expect(pauses).toEqual([]);
  const stuck = answering(...Array.from({ length: 2 }, () => refused('too_far_back', { after_seq: 100 })));
  await expect(stuck.api.as('ann').request(SEND)).rejects.toMatchObject({ afterSeq: 100 });
});

test.each(['unknown_recipient', 'bad_request', 'not_allowed'])('%s is no reason to repeat', async (code) => {
  const { api, calls } = answering(refused(code));
  const failing: Promise<unknown> = api.as('ann').request(SEND);
  await expect(failing).rejects.toMatchObject({
    code,
    reason: 'So it is.',
  });
  expect(calls).toHaveLength(1);
});

test('an error of the program’s own is thrown as it is', async () => {
  const bug = new RangeError('bug');
  await expect(answering(bug).api.as('ann').request(SEND)).rejects.toBe(bug);
});

test('goes from page to page', async () => {
  const pages = [{ messages: 2, next: '["messages","x"]' }, { messages: 1 }];
  const { api, calls } = answering(...pages);
  const got = [];
  for await (const page of api.pages({ type: 'delete_user', username: 'ann' })) got.push(page);
  expect(got).toEqual(pages);
  expect(calls.map(({ request }) => request.next)).toEqual([undefined, '["messages","x"]']);
});

test('what a backend may not do as a user does not compile, and neither does a wrong field', () => {
  const { api } = answering();
  const wrong = () => [
    // @ts-expect-error a backend needs no login
    api.as('ann').request({ type: 'login', username: 'ann' }),
    // @ts-expect-error the operator sends no messages as nobody
    api.request(SEND),
    // @ts-expect-error it is called `username`
    api.request({ type: 'create_user', name: 'ann' }),
  ];
  expect(wrong).toBeTypeOf('function');
  expect(commands.find(({ type }) => type === 'login')?.notAsUser).toBeDefined();
});

test('says what is missing', () => {
  const functionName = process.env.NO_SUCH_VARIABLE as string;
  expect(() => serverApi({ functionName })).toThrow('"functionName" is missing');
});
