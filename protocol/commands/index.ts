// Written by `npm run docs` from the definitions in this folder. A new one goes to the end of the list of commands: move
// it to where `help` and the docs should show it. The rest of this file is not for editing.
import type { Example } from '../command.ts';
import { changePassword, example as changePasswordExample } from './change-password.ts';
import { createGroup, example as createGroupExample } from './create-group.ts';
import { deleteMessage, example as deleteMessageExample } from './delete-message.ts';
import { editMessage, example as editMessageExample } from './edit-message.ts';
import { fetchHistory, example as fetchHistoryExample } from './fetch-history.ts';
import { help, example as helpExample } from './help.ts';
import { invite, example as inviteExample } from './invite.ts';
import { joinGroup, example as joinGroupExample } from './join-group.ts';
import { leaveGroup, example as leaveGroupExample } from './leave-group.ts';
import { listChats, example as listChatsExample } from './list-chats.ts';
import { listMembers, example as listMembersExample } from './list-members.ts';
import { login, example as loginExample } from './login.ts';
import { logout, example as logoutExample } from './logout.ts';
import { markRead, example as markReadExample } from './mark-read.ts';
import { ping, example as pingExample } from './ping.ts';
import { presence, example as presenceExample } from './presence.ts';
import { register, example as registerExample } from './register.ts';
import { removeMember, example as removeMemberExample } from './remove-member.ts';
import { sendGroupMessage, example as sendGroupMessageExample } from './send-group-message.ts';
import { sendMessage, example as sendMessageExample } from './send-message.ts';
import { sync, example as syncExample } from './sync.ts';
import { typing, example as typingExample } from './typing.ts';
import { updateGroup, example as updateGroupExample } from './update-group.ts';

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

/** A request and its reply, as the docs show them. No function needs these. */
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
