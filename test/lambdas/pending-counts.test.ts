import { expect, test } from 'vitest';
import type { Handed } from '../../chat/model.ts';
import type { Inboxes } from '../../chat/ports.ts';
import { instrumentedInboxes, instrumentedOverflow } from '../../lambdas/runtime/instrumented.ts';
import { publish } from '../../lambdas/runtime/metrics.ts';
import { measured } from './aws.ts';

const nothing = async () => {};
const overflow = instrumentedOverflow({
  add: nothing,
  page: async () => ({ pointers: [], more: false }),
  remove: nothing,
  forget: nothing,
});
const inboxes = instrumentedInboxes({ ackPending: async () => true } as unknown as Inboxes);
const pointer = { overflow: 'o', chat: '#team', from: 1, id: 'a' };

/** What was counted in one invocation. */
async function counted(act: () => Promise<void>) {
  measured.length = 0;
  await act();
  publish({});
  const { PendingWritten = 0, PendingDelivered = 0 } = measured[0] ?? {};
  return { PendingWritten, PendingDelivered };
}

test('a pointer in the overflow counts once as written and once as delivered', async () => {
  expect(await counted(() => overflow.add('bob', pointer))).toEqual({
    PendingWritten: 1,
    PendingDelivered: 0,
  });
  expect(await counted(() => overflow.remove('bob', pointer))).toEqual({
    PendingWritten: 0,
    PendingDelivered: 1,
  });
});

test('a pointer that moves on from the overflow to the inbox counts once as written and once as delivered', async () => {
  const chat = '#team';
  const settle = async (...handed: Handed[]) => void (await inboxes.ackPending('bob', 'c1', 'l1', handed));
  const movingOn = async () => {
    await settle({ chat, to: 3, instead: true });
    await overflow.remove('bob', pointer);
    await overflow.remove('bob', { ...pointer, from: 2 });
  };
  expect(await counted(movingOn)).toEqual({ PendingWritten: 0, PendingDelivered: 1 });
  expect(await counted(() => settle({ chat, to: 4 }))).toMatchObject({ PendingDelivered: 0 });
  expect(await counted(() => settle({ chat }))).toMatchObject({ PendingDelivered: 1 });
});
