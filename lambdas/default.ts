import { type Command, readFrame } from '../protocol/index.ts';
import { run as changePassword } from './change-password.ts';
import { run as createGroup } from './create-group.ts';
import { run as deleteMessage } from './delete-message.ts';
import { run as editMessage } from './edit-message.ts';
import { run as fetchHistory } from './fetch-history.ts';
import { run as help } from './help.ts';
import { run as invite } from './invite.ts';
import { run as joinGroup } from './join-group.ts';
import { run as leaveGroup } from './leave-group.ts';
import { run as listChats } from './list-chats.ts';
import { run as listMembers } from './list-members.ts';
import { run as login } from './login.ts';
import { run as logout } from './logout.ts';
import { run as markRead } from './mark-read.ts';
import { run as ping } from './ping.ts';
import { posted } from './posted.ts';
import { run as presence } from './presence.ts';
import { run as register } from './register.ts';
import { run as removeMember } from './remove-member.ts';
import type { Run } from './route.ts';
import { run as sendGroupMessage } from './send-group-message.ts';
import { run as sendMessage } from './send-message.ts';
import { run as sync } from './sync.ts';
import { run as typing } from './typing.ts';
import { run as updateGroup } from './update-group.ts';

// A command without its rule does not compile.
const runs: { [C in Command as C['type']]: Run<C> } = {
  register,
  login,
  logout,
  change_password: changePassword,
  SEND_MESSAGE: sendMessage,
  SEND_GROUP_MESSAGE: sendGroupMessage,
  edit_message: editMessage,
  delete_message: deleteMessage,
  fetch_history: fetchHistory,
  sync,
  list_chats: listChats,
  mark_read: markRead,
  typing,
  create_group: createGroup,
  update_group: updateGroup,
  invite,
  remove_member: removeMember,
  join_group: joinGroup,
  leave_group: leaveGroup,
  list_members: listMembers,
  presence,
  ping,
  help,
};

/** All that API Gateway finds no route for: the text grammar, other spellings of a type, and mistakes. */
export const handler = posted(
  '$default',
  (event) => readFrame(event.body ?? ''),
  (command) => runs[command.type] as Run<never>,
);
