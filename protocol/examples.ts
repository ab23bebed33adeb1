import type { Command } from './commands.ts';

/** A request and its reply, as the docs show them. */
interface Example {
  request: object;
  reply: object;
}

/** One for each command; not in the definitions themselves, as no function needs them. */
const examples: Readonly<Record<Command['type'], Example>> = {
  register: {
    request: { type: 'register', username: 'user1' },
    reply: { type: 'registration_response', status: 'register_success', username: 'user1' },
  },
  login: {
    request: { type: 'login', username: 'user1' },
    reply: {
      type: 'login_response',
      status: 'login_success',
      username: 'user1',
      pending_messages: [
        {
          message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c11',
          chat_id: 'user1:user2',
          seq: 1,
          sender: 'user2',
          recipient: 'user1',
          content: 'Hello!',
          timestamp: '2024-08-21T10:01:00.000Z',
        },
      ],
      groups: ['groupname1'],
      session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE',
      session_expires: '2024-09-20T10:05:00.000Z',
    },
  },
  logout: {
    request: { type: 'logout' },
    reply: { type: 'logout_response', status: 'logout_success' },
  },
  change_password: {
    request: { type: 'change_password', old_password: 'correct-horse', new_password: 'battery-staple' },
    reply: {
      type: 'change_password_response',
      status: 'change_password_success',
      session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE',
      session_expires: '2024-09-20T10:05:00.000Z',
    },
  },
  SEND_MESSAGE: {
    request: { type: 'SEND_MESSAGE', recipient: 'user1', content: 'Hi user1' },
    reply: {
      type: 'MESSAGE_SENT',
      status: 'send_success',
      message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c11',
      chat_id: 'user1:user2',
      seq: 1,
      timestamp: '2024-08-21T10:01:00.000Z',
    },
  },
  SEND_GROUP_MESSAGE: {
    request: { type: 'SEND_GROUP_MESSAGE', groupname: 'groupname1', sender: 'user1', content: 'Hi' },
    reply: {
      type: 'GROUP_MESSAGE_SENT',
      status: 'send_success',
      message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
      chat_id: '#groupname1',
      seq: 1,
      timestamp: '2024-08-21T10:02:00.000Z',
    },
  },
  edit_message: {
    request: { type: 'edit_message', chat: 'groupname1', seq: 2, content: 'Hi all' },
    reply: {
      type: 'edit_message_response',
      status: 'edit_message_success',
      message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c12',
      chat_id: '#groupname1',
      seq: 3,
      timestamp: '2024-08-21T10:03:00.000Z',
    },
  },
  delete_message: {
    request: { type: 'delete_message', chat: 'groupname1', seq: 2 },
    reply: {
      type: 'delete_message_response',
      status: 'delete_message_success',
      message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c12',
      chat_id: '#groupname1',
      seq: 3,
      timestamp: '2024-08-21T10:03:00.000Z',
    },
  },
  fetch_history: {
    request: { type: 'fetch_history', recipient: 'groupname1', limit: 1 },
    reply: {
      type: 'history',
      status: 'history',
      recipient: 'groupname1',
      messages: [
        {
          message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
          chat_id: '#groupname1',
          seq: 2,
          sender: 'user1',
          groupname: 'groupname1',
          group_id: 'groupname1',
          content: 'Hi',
          timestamp: '2024-08-21T10:02:00.000Z',
        },
      ],
      next: { before_seq: 2 },
    },
  },
  sync: {
    request: { type: 'sync', cursors: { 'user1:user2': 1 } },
    reply: {
      type: 'sync_response',
      status: 'sync_success',
      messages: [
        {
          message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
          chat_id: 'user1:user2',
          seq: 2,
          sender: 'user2',
          recipient: 'user1',
          content: 'Are you there?',
          timestamp: '2024-08-21T10:02:00.000Z',
        },
      ],
      more: false,
    },
  },
  list_chats: {
    request: { type: 'list_chats' },
    reply: {
      type: 'list_chats_response',
      status: 'list_chats_success',
      chats: [
        {
          chat_id: 'user1:user2',
          kind: 'private',
          name: 'user2',
          last_seq: 2,
          last_timestamp: '2024-08-21T10:02:00.000Z',
          read: 1,
          unread: 1,
          partner_read: 2,
        },
      ],
    },
  },
  mark_read: {
    request: { type: 'mark_read', chat: 'groupname1' },
    reply: {
      type: 'mark_read_response',
      status: 'mark_read_success',
      chat_id: '#groupname1',
      seq: 2,
    },
  },
  typing: {
    request: { type: 'typing', chat: 'groupname1' },
    reply: { type: 'typing_response', status: 'typing_success', chat_id: '#groupname1' },
  },
  create_group: {
    request: { type: 'create_group', group_name: 'groupname1' },
    reply: {
      type: 'create_group_response',
      status: 'create_group_success',
      group_id: 'groupname1',
      groupname: 'groupname1',
    },
  },
  update_group: {
    request: { type: 'update_group', group_id: 'groupname1', invite_only: true },
    reply: {
      type: 'update_group_response',
      status: 'update_group_success',
      group_id: 'groupname1',
      invite_only: true,
    },
  },
  invite: {
    request: { type: 'invite', group_id: 'groupname1', username: 'user3' },
    reply: { type: 'invite_response', status: 'invite_success', group_id: 'groupname1', username: 'user3' },
  },
  remove_member: {
    request: { type: 'remove_member', group_id: 'groupname1', username: 'user2' },
    reply: {
      type: 'remove_member_response',
      status: 'remove_member_success',
      group_id: 'groupname1',
      username: 'user2',
    },
  },
  join_group: {
    request: { type: 'join_group', group_id: 'groupname1' },
    reply: { type: 'join_group_response', status: 'join_group_success', group_id: 'groupname1' },
  },
  leave_group: {
    request: { type: 'leave_group', group_id: 'groupname1' },
    reply: { type: 'leave_group_response', status: 'leave_group_success', group_id: 'groupname1' },
  },
  list_members: {
    request: { type: 'list_members', group_id: 'groupname1' },
    reply: {
      type: 'list_members_response',
      status: 'list_members_success',
      group_id: 'groupname1',
      members: [
        { username: 'user1', role: 'owner', since: '2024-08-21T10:00:00.000Z', online: true },
        { username: 'user2', role: 'member', since: '2024-08-21T10:02:00.000Z', online: false },
      ],
    },
  },
  presence: {
    request: { type: 'presence', usernames: ['user1', 'user2'] },
    reply: {
      type: 'presence_response',
      status: 'presence_success',
      users: [
        { username: 'user1', online: true },
        { username: 'user2', online: false, last_seen: '2024-08-21T10:02:00.000Z' },
      ],
    },
  },
  ping: {
    request: { type: 'ping' },
    reply: { type: 'pong', status: 'pong', timestamp: '2024-08-21T10:02:00.000Z' },
  },
  help: {
    request: { type: 'help' },
    reply: {
      type: 'help',
      status: 'help',
      lines: ['ping: Answers at once, and keeps an idle connection open.'],
    },
  },
};

export const exampleOf = ({ type }: Pick<Command, 'type'>): Example => examples[type];
