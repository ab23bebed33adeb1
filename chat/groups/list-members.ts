import { type listMembers as command, limits, type ReplyOf, type RequestOf } from '../../protocol/index.ts';
import { groupChat } from '../chat-id.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { presenceOfAll } from '../delivery/online.ts';
import { timestamp } from '../entries.ts';
import type { Caller, Member, Millis } from '../model.ts';
import { notAMember } from '../not-a-member.ts';
import type { Directory, Members } from '../ports.ts';
import { isMemberOf } from './claim-name.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

type Reply = ReplyOf<typeof command>;

/**
 * A page of a group's members. As many as one may ask for fit into a frame: none takes more than 120 bytes.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`
 */
export async function listMembers(
  ports: Ports,
  { group_id: group, after = '', limit = limits.membersDefault }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Reply> {
  const { directory, members } = ports;
  const username = await currentUser(ports.connections, caller);
  const chat = groupChat(group);
  const [name, row] = await Promise.all([directory.get(group), members.get(chat, username)]);
  if (row === undefined) throw await notAMember(directory, group);
  const owner = name && isMemberOf(row, name) ? name.owner : undefined;
  // One more than asked for tells whether there is a following page.
  const found = await members.page(chat, after, limit + 1);
  const asked = found.slice(0, limit);
  const rows = asked.filter(({ generation }) => generation === row.generation);
  const there = await presenceOfAll(
    ports,
    rows.map((each) => each.username),
  );
  const last = asked.at(-1);
  return {
    group_id: group,
    members: rows.map((each) => show(each, owner, there.get(each.username)?.online === true)),
    next: last && found.length > limit ? { after: last.username } : undefined,
  };
}

const show = ({ username, joined }: Member, owner: string | undefined, online: boolean) => ({
  username,
  role: username === owner ? ('owner' as const) : ('member' as const),
  // Only private chats' rows have none.
  since: timestamp(joined as Millis),
  online,
});
