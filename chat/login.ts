import { ChatError, type login as command, limits, type RequestOf } from '../protocol/index.ts';
import { groupOf } from './chats.ts';
import type { DeliverPorts } from './deliver.ts';
import { handOverPending } from './pending.ts';
import type { Caller, History, Members, Names } from './ports.ts';

/** What login needs. */
export interface LoginPorts extends DeliverPorts {
  names: Names;
  members: Members;
  history: History;
}

/**
 * Binds the connection to the user, and hands over what is pending. It posts its reply itself, since a
 * pointer may be taken off only after the gateway took the frame that carries its messages.
 * @throws ChatError `invalid_credentials`, `already_logged_in`
 */
export async function login(
  ports: LoginPorts,
  { username, cursors }: RequestOf<typeof command>,
  caller: Caller,
  requestId?: string,
): Promise<void> {
  const { connectionId, form } = caller;
  if ((await ports.names.get(username))?.kind !== 'user') {
    throw new ChatError('invalid_credentials', 'No such user. Register first.');
  }
  const now = ports.world.now();
  const mark = ports.world.newId();
  // The row before the inbox: whatever dies after it, `$disconnect` knows whose inbox to look into.
  if (!(await ports.connections.bind(connectionId, username, form, now))) {
    throw new ChatError('already_logged_in', 'This connection is logged in as somebody else: log out first.');
  }
  const [inbox, chats] = await Promise.all([
    ports.inboxes.connect(username, connectionId, { form, since: now, login: mark }),
    ports.members.groupsOf(username),
  ]);
  const groups = namesThatFit(chats.map((chat) => groupOf(chat) ?? chat));
  await handOverPending(ports, { username, caller, mark, requestId, groups, cursors }, inbox.pending);
}

/** Half of the reply's frame, so that nobody is in too many groups to log in. A name has no character to escape. */
function namesThatFit(names: readonly string[]): string[] {
  let room = limits.frameBytes / 2;
  return names.filter((name) => {
    room -= name.length + 3;
    return room >= 0;
  });
}
