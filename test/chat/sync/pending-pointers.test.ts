import { expect, test } from 'vitest';
import { PendingPointers } from '../../../chat/sync/pending-pointers.ts';
import { service } from '../../support/chat.ts';

test('a pointer that a slower login puts back still counts as pending after another has removed all that it knows', async () => {
  const { state, ports } = service();
  const device = (login: string) => ({ form: 'json', since: 1, login }) as const;
  state.inboxes.alice = {
    connections: { c1: device('l1'), c2: device('l2') },
    pending: { 'alice:bob': 1, 'alice:carol': 1 },
    hasPending: true,
  };
  const inbox = (await ports.inboxes.getMany(['alice'])).get('alice');
  const pointersOf = (connectionId: string, login: string) =>
    PendingPointers.read(
      ports,
      { username: 'alice', connectionId, login },
      inbox as NonNullable<typeof inbox>,
    );
  const [slow, quick] = [await pointersOf('c1', 'l1'), await pointersOf('c2', 'l2')];
  await quick.acknowledge([{ chat: 'alice:bob' }]);
  await slow.acknowledge([{ chat: 'alice:bob', to: 2 }]);
  await quick.acknowledge([{ chat: 'alice:carol' }]);
  expect(state.inboxes.alice).toMatchObject({ pending: { 'alice:bob': 2 }, hasPending: true });
  await slow.acknowledge([{ chat: 'alice:bob' }, { chat: 'alice:carol' }]);
  expect(state.inboxes.alice).toMatchObject({ pending: {} });
  expect(state.inboxes.alice).not.toHaveProperty('hasPending');
});
