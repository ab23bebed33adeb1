import {
  type listInvitations as command,
  pageThatFits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import { timestamp } from '../entries.ts';
import type { Caller, Invitation, Name } from '../model.ts';
import type { Directory, Invitations, Members, Profiles } from '../ports.ts';
import { groupProfile } from '../profiles.ts';
import { isDeserted } from './reserve-name.ts';

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
 * Returns a page of the caller's open invitations, ordered by group, as many as fit into a frame. Invitations to groups that
 * have ended are left out, so a page may be empty and not the last; once the name is another group's, they are removed.
 * @throws ChatError `not_logged_in`
 */
export async function listInvitations(
  ports: Ports,
  { after = '' }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { directory, invitations, profiles } = ports;
  const username = await currentUser(ports, caller);
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

/** Whether a group has no members. Its count may be off by one, so it only says where to look. */
const hasEnded = async ({ members }: Ports, name: Name): Promise<boolean> =>
  (name.members ?? 0) < 1 && (await isDeserted(members, name));
