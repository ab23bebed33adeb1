import { beforeEach, describe, expect, test } from 'vitest';
import { invite, removeMember, setOwner } from '../../../chat/groups/moderation.ts';
import { markRead } from '../../../chat/messages/mark-read.ts';
import { typing } from '../../../chat/messages/typing.ts';
import type { Caller, Posted } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let ann: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('ann', 'bob', 'carol');
  ann = chat.online('ann', 'a1');
  chat.online('bob', 'b1');
  chat.online('carol', 'c1');
  chat.group('team', 'ann', 'bob');
  await chat.ports.members.addPeer('ann:bob', 'ann');
  await chat.ports.members.addPeer('ann:bob', 'bob');
  await chat.write({ chat: 'ann:bob', sender: 'bob', content: 'hi' });
});

/** What tells somebody of something. */
const events: Record<string, { whom: string; connection: string; happens: () => Promise<unknown> }> = {
  TYPING: { whom: 'bob', connection: 'b1', happens: () => typing(chat.ports, { chat: 'bob' }, ann) },
  READ: { whom: 'bob', connection: 'b1', happens: () => markRead(chat.ports, { chat: 'bob' }, ann) },
  INVITED: {
    whom: 'carol',
    connection: 'c1',
    happens: () => invite(chat.ports, { group_id: 'team', username: 'carol' }, ann),
  },
  REMOVED: {
    whom: 'bob',
    connection: 'b1',
    happens: () => removeMember(chat.ports, { group_id: 'team', username: 'bob' }, ann),
  },
  OWNER_CHANGED: {
    whom: 'bob',
    connection: 'b1',
    happens: () => setOwner(chat.ports, { group_id: 'team', username: 'bob' }, ann),
  },
};

/** What an event leaves of the connection that it was to be told on, if a post of it ends so. */
async function leaves(event: string, posted: Posted): Promise<unknown> {
  const { whom = '', connection = '', happens = async () => {} } = events[event] ?? {};
  const { gateway } = chat.ports;
  chat.ports.gateway = {
    ...gateway,
    post: async (id, frame) => (id === connection ? posted : gateway.post(id, frame)),
  };
  await happens();
  return {
    socket: chat.state.sockets[connection]?.open,
    row: chat.state.connections[connection]?.username,
    device: connection in (chat.state.inboxes[whom]?.connections ?? {}),
  };
}

describe.each(Object.keys(events))('%s', (event) => {
  test.each<Posted>(['throttled', 'failed'])(
    'that is %s on its way is dropped, and closes no connection',
    async (posted) => {
      const { whom } = events[event] ?? {};
      expect(await leaves(event, posted)).toEqual({ socket: true, row: whom, device: true });
    },
  );

  test('that finds a connection gone removes it', async () => {
    expect(await leaves(event, 'gone')).toMatchObject({ device: false });
  });
});
