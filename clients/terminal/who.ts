import type { Profiles } from '../sdk/profiles.ts';
import { chosen, type Host } from './host.ts';
import { pagesOf } from './pages.ts';

/** Lists the members of a chat, and who of them is online. */
export async function who(host: Host, name?: string): Promise<void> {
  const row = chosen(host, name);
  host.tell(await (row.kind === 'group' ? members(host, row.name) : presence(host, row.name)));
}

async function members({ chat, profiles }: Asked, group: string): Promise<string[]> {
  const own = await profiles.groups([group]).catch(() => new Map<string, Pictured>());
  const lines = [...pictureOf(own.get(group))];
  let all = 0;
  const ask = (at: object) => chat.request({ type: 'list_members', group_id: group, limit: PAGE, ...at });
  for await (const page of pagesOf(ask)) {
    const called = await names(
      profiles,
      page.members.map(({ username }) => username),
    );
    for (const { username, online, role } of page.members)
      lines.push(`${online ? '●' : '○'} ${called(username)}${role === 'owner' ? ' (owner)' : ''}`);
    all = page.count ?? all + page.members.length;
  }
  return [`#${group}: ${all} ${all === 1 ? 'member' : 'members'}`, ...lines];
}

// As many as one request may ask for the names of.
const PAGE = 100;

async function presence({ chat, profiles }: Asked, username: string): Promise<string[]> {
  const called = await names(profiles, [username]);
  const own = await profiles.users([username]).catch(() => new Map<string, Pictured>());
  const { users } = await chat.request({ type: 'presence', usernames: [username] });
  const lines = users.map(({ online, last_seen, unknown }) => {
    if (unknown) return `There is no user ${username}.`;
    if (online) return `● ${called(username)}`;
    return `○ ${called(username)}${last_seen ? `, last seen ${last_seen}` : ''}`;
  });
  return [...lines, ...pictureOf(own.get(username))];
}

type Asked = Pick<Host, 'chat' | 'profiles'>;

interface Pictured {
  avatar_url?: string;
}

/** Where the picture is: whoever opens it tells its host that they do. */
const pictureOf = ({ avatar_url }: Pictured = {}): string[] => (avatar_url ? [`Picture: ${avatar_url}`] : []);

/** Who they are: the display name, if there is one, and the id. */
async function names(profiles: Profiles, usernames: readonly string[]): Promise<(id: string) => string> {
  // Presence is worth something without them.
  const found = await profiles.users(usernames).catch(() => new Map<string, { display_name?: string }>());
  return (id) => {
    const name = found.get(id)?.display_name;
    return name === undefined ? id : `${name} (${id})`;
  };
}
