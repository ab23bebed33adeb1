import {
  ChatError,
  type getProfiles as getCommand,
  pageThatFits,
  type ReplyOf,
  type RequestOf,
  type setProfile as setCommand,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import type { Caller, Profile } from '../model.ts';
import type { Profiles } from '../ports.ts';
import { userProfile } from '../profiles.ts';

interface Ports extends CallerPorts {
  profiles: Profiles;
}

/**
 * Sets the given fields of the caller's profile. Nobody is notified: clients ask for profiles as they show them.
 * @throws ChatError `not_logged_in`, `bad_request`
 */
export async function setProfile(
  ports: Ports,
  { display_name: name, avatar_url: avatar, data }: RequestOf<typeof setCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof setCommand>> {
  const username = await currentUser(ports, caller);
  if (name === undefined && avatar === undefined && data === undefined)
    throw new ChatError('bad_request', 'One of "display_name", "avatar_url" and "data" must be given.');
  const set = await ports.profiles.set(userProfile(username), {
    ...(name !== undefined && { name }),
    ...(avatar !== undefined && { avatar }),
    ...(data !== undefined && { data: Object.keys(data).length > 0 ? JSON.stringify(data) : '' }),
  });
  // The user was erased while this request was on its way.
  if (set === undefined) throw new ChatError('not_logged_in', 'Log in first.');
  return shown(username, set);
}

/**
 * Returns the profiles of some users: those that have one, as many as fit into a frame.
 * @throws ChatError `not_logged_in`
 */
export async function getProfiles(
  ports: Ports,
  { usernames, after }: RequestOf<typeof getCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof getCommand>> {
  await currentUser(ports, caller);
  // What is not among them continues nothing: all of them are read.
  const asked = [...new Set(usernames)];
  const rest = asked.slice(after === undefined ? 0 : asked.indexOf(after) + 1);
  const found = await ports.profiles.getMany(rest.map(userProfile));
  const { page, more } = pageThatFits(
    rest.flatMap((username) => {
      const profile = found.get(userProfile(username));
      return profile ? [shown(username, profile)] : [];
    }),
  );
  const last = page.at(-1);
  return { profiles: page, next: more && last ? { after: last.username } : undefined };
}

const shown = (username: string, { name, avatar, data }: Profile) => ({
  username,
  ...(name !== undefined && { display_name: name }),
  ...(avatar !== undefined && { avatar_url: avatar }),
  ...(data !== undefined && { data: JSON.parse(data) as Record<string, unknown> }),
});
