import {
  type listInvitations as command,
  groupChat,
  pageThatFits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import { timestamp } from '../entries.ts';
import type { Caller, Invitation, Name } from '../model.ts';
import type { Directory, Invitations, Members, Profiles } from '../ports.ts';
import { groupProfile } from '../profiles.ts';
import { groupWith, notTheOwner } from './own-group.ts';
import { isDeserted, isMemberOf } from './reserve-name.ts';

interface Ports extends CallerPorts {
  directory: Directory;
  invitations: Invitations;
  members: Members;
  profiles: Profiles;
}

/** A user's invitation to this group. An earlier group of the same name may have left one. */
export async function invitationTo(
  { invitations }: { invitations: Invitations },
  name: Name,
  username: string,
): Promise<Invitation | undefined> {
  const found = name.hasInvited ? await invitations.get(username, name.name) : undefined;
  return found?.attemptId === name.attemptId ? found : undefined;
}

// The invitations that one request reads. Anybody may invite anybody, so they have no limit, and each page has.
const PAGE = 40;

/**
 * Returns a page of the caller's open invitations, ordered by group, as many as fit into a frame; of those to a group of
 * theirs, ordered by user, if they name one. Invitations to groups that have ended are left out, so a page may be empty and
 * not the last; once the name is another group's, they are removed.
 * @throws ChatError `not_logged_in`; with a group `unknown_group`, `not_a_member`, `not_allowed`
 */
export async function listInvitations(
  ports: Ports,
  { group_id: group, after = '' }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { directory, invitations, profiles } = ports;
  const username = await currentUser(ports, caller);
  if (group !== undefined) return listInvited(ports, group, after, username);
  const found = await invitations.page(username, after, PAGE + 1);
  const read = found.slice(0, PAGE);
  const names = await directory.getMany(read.map(({ group }) => group));
  const open: [Invitation, Name][] = [];
  for (const each of read) {
    const name = names.get(each.group);
    if (name?.attemptId !== each.attemptId) await invitations.remove(each);
    else if (!(await hasEnded(ports, name))) open.push([each, name]);
  }
  const titles = await profiles.getMany(open.map(([, name]) => groupProfile(name)));
  const { page, more } = pageThatFits(
    open.map(([{ group, by, at }, name]) => {
      const title = titles.get(groupProfile(name))?.name;
      return { group_id: group, by, timestamp: timestamp(at), ...(title !== undefined && { title }) };
    }),
  );
  const last = more ? page.at(-1)?.group_id : found.length > PAGE ? read.at(-1)?.group : undefined;
  return { invitations: page, next: last === undefined ? undefined : { after: last } };
}

/** Those that have joined, but died before they removed the invitation, are left out, too. */
async function listInvited(
  ports: Ports,
  group: string,
  after: string,
  owner: string,
): Promise<ReplyOf<typeof command>> {
  const { invitations, members } = ports;
  const name = await groupWith(ports, group, owner);
  if (name.owner !== owner) throw notTheOwner(group);
  const found = await invitations.pageOf(group, after, PAGE + 1);
  const read = found.slice(0, PAGE);
  const invited = read.filter(({ attemptId }) => attemptId === name.attemptId);
  const chat = groupChat(group);
  const rows = await members.getMany(
    invited.map(({ username }) => ({ chat, username })),
    'eventual',
  );
  const joined = new Set(rows.flatMap((row) => (isMemberOf(row, name) ? row.username : [])));
  const { page, more } = pageThatFits(
    invited
      .filter(({ username }) => !joined.has(username))
      .map(({ username, by, at }) => ({ group_id: group, username, by, timestamp: timestamp(at) })),
  );
  const last = more ? page.at(-1)?.username : found.length > PAGE ? read.at(-1)?.username : undefined;
  return { invitations: page, next: last === undefined ? undefined : { after: last } };
}

/** Whether a group has no members. Its count may be off by one, so it only says where to look. */
const hasEnded = async ({ members }: Ports, name: Name): Promise<boolean> =>
  (name.members ?? 0) < 1 && (await isDeserted(members, name));
