import type { Chat, ReplyFor } from '../sdk/chat.ts';
import { chosen, type Host } from './host.ts';

/** Lists the members of a chat, and who of them is online. */
export async function who(host: Host, name?: string): Promise<void> {
  const row = chosen(host, name);
  host.tell(await (row.kind === 'group' ? members(host.chat, row.name) : presence(host.chat, row.name)));
}

async function members(chat: Chat, group: string): Promise<string[]> {
  const lines: string[] = [];
  for (let next: { after?: string } | undefined = {}; next; ) {
    const page: ReplyFor<'list_members'> = await chat.request({
      type: 'list_members',
      group_id: group,
      ...next,
    });
    for (const { username, online, role } of page.members)
      lines.push(`${online ? '●' : '○'} ${username}${role === 'owner' ? ' (owner)' : ''}`);
    next = page.next;
  }
  return [`#${group}: ${lines.length} ${lines.length === 1 ? 'member' : 'members'}`, ...lines];
}

async function presence(chat: Chat, username: string): Promise<string[]> {
  const { users } = await chat.request({ type: 'presence', usernames: [username] });
  return users.map(({ online, last_seen }) => {
    if (online) return `● ${username}`;
    return `○ ${username}${last_seen ? `, last seen ${last_seen}` : ''}`;
  });
}
