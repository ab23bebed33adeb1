import { changePassword } from './commands/change-password.ts';
import { createGroup } from './commands/create-group.ts';
import { deleteMessage } from './commands/delete-message.ts';
import { editMessage } from './commands/edit-message.ts';
import { fetchHistory } from './commands/fetch-history.ts';
import { help } from './commands/help.ts';
import { invite } from './commands/invite.ts';
import { joinGroup } from './commands/join-group.ts';
import { leaveGroup } from './commands/leave-group.ts';
import { listChats } from './commands/list-chats.ts';
import { listMembers } from './commands/list-members.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { markRead } from './commands/mark-read.ts';
import { ping } from './commands/ping.ts';
import { presence } from './commands/presence.ts';
import { register } from './commands/register.ts';
import { removeMember } from './commands/remove-member.ts';
import { sendGroupMessage } from './commands/send-group-message.ts';
import { sendMessage } from './commands/send-message.ts';
import { sync } from './commands/sync.ts';
import { typing } from './commands/typing.ts';
import { updateGroup } from './commands/update-group.ts';

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
