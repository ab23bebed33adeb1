// Written by `npm run docs` from the definitions in this folder. A new one goes to the end of the list of commands: move
// it to where `help` and the docs should show it. The rest of this file is not for editing.
import type { Example } from '../command.ts';
import { changePassword, example as changePasswordExample } from './change-password.ts';
import { createGroup, example as createGroupExample } from './create-group.ts';
import { deleteMessage, example as deleteMessageExample } from './delete-message.ts';
import { editMessage, example as editMessageExample } from './edit-message.ts';
import { example as fetchHistoryExample, fetchHistory } from './fetch-history.ts';
import { example as helpExample, help } from './help.ts';
import { events as inviteEvents, example as inviteExample, invite } from './invite.ts';
import { events as joinGroupEvents, example as joinGroupExample, joinGroup } from './join-group.ts';
import { events as leaveGroupEvents, example as leaveGroupExample, leaveGroup } from './leave-group.ts';
import { example as listChatsExample, listChats } from './list-chats.ts';
import { example as listMembersExample, listMembers } from './list-members.ts';
import { example as loginExample, login } from './login.ts';
import { example as logoutExample, logout } from './logout.ts';
import { events as markReadEvents, example as markReadExample, markRead } from './mark-read.ts';
import { example as pingExample, ping } from './ping.ts';
import { example as presenceExample, presence } from './presence.ts';
import { example as registerExample, register } from './register.ts';
import { events as removeMemberEvents, example as removeMemberExample, removeMember } from './remove-member.ts';
import { example as sendGroupMessageExample, sendGroupMessage } from './send-group-message.ts';
import { example as sendMessageExample, sendMessage } from './send-message.ts';
import { example as syncExample, sync } from './sync.ts';
import { events as typingEvents, example as typingExample, typing } from './typing.ts';
import { example as updateGroupExample, updateGroup } from './update-group.ts';

/** Every message type that a client may send, in the order in which `help` and the docs list them. */
export const commands = [
  register,
  login,
  logout,
  changePassword,
  sendMessage,
  sendGroupMessage,
  editMessage,
  deleteMessage,
  fetchHistory,
  sync,
  listChats,
  markRead,
  typing,
  createGroup,
  updateGroup,
  invite,
  removeMember,
  joinGroup,
  leaveGroup,
  listMembers,
  presence,
  ping,
  help,
] as const;

/** Any one of them. */
export type Command = (typeof commands)[number];

/** Pushes to users who are online. They are stored for nobody: clients that were away ask `list_chats` or `list_members`. */
// Pure to the bundler, so that no function carries them.
export const events = /* @__PURE__ */ (() =>
  ({
    ...markReadEvents,
    ...typingEvents,
    ...inviteEvents,
    ...removeMemberEvents,
    ...joinGroupEvents,
    ...leaveGroupEvents,
  }) as const)();

/** What the docs say of each. No function needs these. */
export const examples: Readonly<Record<Command['type'], Example>> = {
  register: registerExample,
  login: loginExample,
  logout: logoutExample,
  change_password: changePasswordExample,
  SEND_MESSAGE: sendMessageExample,
  SEND_GROUP_MESSAGE: sendGroupMessageExample,
  edit_message: editMessageExample,
  delete_message: deleteMessageExample,
  fetch_history: fetchHistoryExample,
  sync: syncExample,
  list_chats: listChatsExample,
  mark_read: markReadExample,
  typing: typingExample,
  create_group: createGroupExample,
  update_group: updateGroupExample,
  invite: inviteExample,
  remove_member: removeMemberExample,
  join_group: joinGroupExample,
  leave_group: leaveGroupExample,
  list_members: listMembersExample,
  presence: presenceExample,
  ping: pingExample,
  help: helpExample,
};

export {
  changePassword,
  createGroup,
  deleteMessage,
  editMessage,
  fetchHistory,
  help,
  invite,
  joinGroup,
  leaveGroup,
  listChats,
  listMembers,
  login,
  logout,
  markRead,
  ping,
  presence,
  register,
  removeMember,
  sendGroupMessage,
  sendMessage,
  sync,
  typing,
  updateGroup,
};
