import {
  type getGroups as command,
  groupChat,
  pageThatFits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import type { Caller, Profile } from '../model.ts';
import type { Members, Profiles } from '../ports.ts';
import { groupProfile } from '../profiles.ts';

interface Ports extends CallerPorts {
  members: Members;
  profiles: Profiles;
}

/** The fields that an owner sets. */
interface Given {
  title?: string | undefined;
  topic?: string | undefined;
  avatar_url?: string | undefined;
}

/** The fields of a profile that a request gives; empty if none. */
export const profileIn = ({ title, topic, avatar_url }: Given): Profile => ({
  ...(title !== undefined && { name: title }),
  ...(topic !== undefined && { topic }),
  ...(avatar_url !== undefined && { avatar: avatar_url }),
});

/**
 * Returns what groups show beside their names, to their members: those that have a profile, as many as fit into a frame.
 * @throws ChatError `not_logged_in`
 */
export async function getGroups(
  ports: Ports,
  { group_ids, after }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await currentUser(ports, caller);
  const asked = [...new Set(group_ids)];
  const rest = asked.slice(after === undefined ? 0 : asked.indexOf(after) + 1);
  // A member's row says in which generation of the group they are. A join that was just answered must count.
  const rows = await ports.members.getMany(rest.map((group) => ({ chat: groupChat(group), username })));
  const keys = new Map(rows.map(({ chat, generation }) => [chat, generation]));
  const idOf = (name: string) => {
    const chat = groupChat(name);
    return keys.has(chat) ? groupProfile({ name, generation: keys.get(chat) }) : undefined;
  };
  const found = await ports.profiles.getMany(rest.flatMap((group) => idOf(group) ?? []));
  const { page, more } = pageThatFits(
    rest.flatMap((group) => {
      const profile = found.get(idOf(group) ?? '');
      return profile ? [shown(group, profile)] : [];
    }),
  );
  const last = page.at(-1);
  return { groups: page, next: more && last ? { after: last.group_id } : undefined };
}

const shown = (group_id: string, { name, topic, avatar }: Profile) => ({
  group_id,
  ...(name !== undefined && { title: name }),
  ...(topic !== undefined && { topic }),
  ...(avatar !== undefined && { avatar_url: avatar }),
});
