import {
  type listMembers as command,
  fitting,
  groupChat,
  idBytes,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { presenceOfAll } from '../delivery/online.ts';
import { timestamp } from '../entries.ts';
import type { Caller, Member, Millis } from '../model.ts';
import { notAMember } from '../not-a-member.ts';
import type { Directory, Members } from '../ports.ts';
import { isMemberOf } from './reserve-name.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

type Reply = ReplyOf<typeof command>;

// Bytes of one member beside their id, and of the frame around them with a `request_id` of 64 characters that take 6 bytes each.
const [MEMBER, OVERHEAD] = [90, 1_000];

/**
 * Returns a page of a group's members, which fits into a frame.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`
 */
export async function listMembers(
  ports: Ports,
  { group_id: group, after = '', limit = limits.membersDefault }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Reply> {
  const { directory, members } = ports;
  const username = await currentUser(ports, caller);
  const chat = groupChat(group);
  const [name, row] = await Promise.all([directory.get(group, 'group'), members.get(chat, username)]);
  if (row === undefined) throw await notAMember(directory, group);
  const own = name && isMemberOf(row, name) ? name : undefined;
  // Reads one extra row to find out whether there is a next page.
  const found = await members.page(chat, after, limit + 1);
  const asked = fitting(found.slice(0, limit), OVERHEAD, (each) => idBytes(each.username) + MEMBER);
  const rows = asked.filter(({ generation }) => generation === row.generation);
  const there = await presenceOfAll(
    ports,
    rows.map((each) => each.username),
  );
  const last = asked.at(-1);
  return {
    group_id: group,
    members: rows.map((each) => show(each, own?.owner, there.get(each.username)?.online === true)),
    ...(own && { count: own.members, owner: own.owner, invite_only: own.inviteOnly === true }),
    next: last && found.length > asked.length ? { after: last.username } : undefined,
  };
}

const show = ({ username, joined }: Member, owner: string | undefined, online: boolean) => ({
  username,
  role: username === owner ? ('owner' as const) : ('member' as const),
  // Only rows of private chats lack it.
  since: timestamp(joined as Millis),
  online,
});
