import type { Chat } from '../sdk/chat.ts';
import { idText, type Row } from '../view/view.ts';
import { wordsFor } from '../view/words.ts';
import { chosen, groupNamed, type Host, Refusal, rowNamed, userNamed } from './host.ts';
import { pagesOf } from './pages.ts';

/** Opens a group that the user has just joined or begun. */
export async function enter(host: Host, name: string): Promise<void> {
  await host.refresh();
  // Where lines name who they are for, the next may be for somebody else.
  if (host.isScreen) await host.show({ group: groupNamed(name) });
}

export async function leave(host: Host, name?: string): Promise<void> {
  const row = chosen(host, name);
  if (row.kind !== 'group') throw new Refusal('Only groups can be left.');
  await host.chat.leaveGroup(row.name);
  host.left(row);
  host.tell([`You have left #${row.name}.`]);
}

/** The invitations that the user has not answered, a line for each; all pages. */
export async function invitations(host: Host): Promise<void> {
  const lines: string[] = [];
  const ask = (at: object) => host.chat.request({ type: 'list_invitations', ...at });
  for await (const page of pagesOf(ask))
    for (const { group_id: group, by, title } of page.invitations)
      lines.push(
        `#${group}${title ? ` (${title})` : ''}, by ${idText(by)}: /join ${group} or /decline ${group}`,
      );
  host.tell(lines.length > 0 ? lines : ['Nobody has invited you to a group that you are not in.']);
}

/**
 * What to tell the user of the invitations of the time without a connection: at the start of all that are open, later of
 * those that are new. One page, since strangers may send thousands.
 */
export function invitedMeanwhile(chat: Pick<Chat, 'request' | 'on'>): () => Promise<string | undefined> {
  let known: ReadonlySet<string> | undefined;
  // These are told when they come (notices.ts).
  chat.on('INVITED', ({ group_id: group }) => {
    if (known) known = new Set([...known, group]);
  });
  return async () => {
    const { invitations: found, next } = await chat.request({ type: 'list_invitations' });
    const groups = found.map(({ group_id }) => group_id);
    const isFirst = known === undefined;
    const { length } = groups.filter((group) => !known?.has(group));
    known = new Set(groups);
    if (length === 0) return undefined;
    const many = length === 1 ? 'a group' : `${length} groups`;
    return `You are invited to ${many}${next && isFirst ? ' and more' : ''}: /invitations`;
  };
}

/** Declines an invitation; the service does the same for a group that one leaves. */
export async function decline(host: Host, name = ''): Promise<void> {
  const group = groupNamed(name);
  if (rowNamed(host, `#${group}`)) throw new Refusal(`You are in #${group}: /leave ${group} leaves it.`);
  await host.chat.request({ type: 'leave_group', group_id: group });
  host.tell([`You have declined the invitation to #${group}.`]);
}

/** What the owner of a group may do. */
export function members(host: Host, { name: group }: Row) {
  const { chat } = host;
  const userOf = (word: string) => userNamed(chat, word);
  return {
    /** @param words one name, or several */
    async invite(words: readonly string[]) {
      const done: string[] = [];
      for (const word of words) {
        const request = { type: 'invite', group_id: group, username: userOf(word) } as const;
        await chat.request(request).catch((error: unknown) => {
          if (done.length === 0) throw error;
          throw new Refusal(`You have invited ${done.join(', ')}, but not ${word}: ${wordsFor(error)}`);
        });
        done.push(word);
      }
      host.tell([`You have invited ${done.join(', ')} to #${group}.`]);
    },
    /** Who is invited and has not answered; all pages. */
    async invited() {
      const lines: string[] = [];
      const ask = (at: object) => chat.request({ type: 'list_invitations', group_id: group, ...at });
      for await (const page of pagesOf(ask))
        for (const { username = '', by, timestamp } of page.invitations)
          lines.push(
            `${idText(username)}, by ${idText(by)}, ${timestamp}: /uninvite ${username} takes it back`,
          );
      host.tell(lines.length > 0 ? lines : [`No invitation to #${group} is open.`]);
    },
    async uninvite(word: string) {
      const request = {
        type: 'remove_member',
        group_id: group,
        username: userOf(word),
        only: 'invited',
      } as const;
      await chat.request(request);
      host.tell([`${word} is not invited to #${group} any more.`]);
    },
    async remove(word: string) {
      await chat.request({ type: 'remove_member', group_id: group, username: userOf(word) });
      host.tell([`${word} is no member of #${group} any more.`]);
    },
    async handOver(word: string) {
      await chat.request({ type: 'set_owner', group_id: group, username: userOf(word) });
      host.tell([`#${group} is ${word}'s now. You are still a member.`]);
    },
    async setInviteOnly(isInviteOnly: boolean) {
      await chat.request({ type: 'update_group', group_id: group, invite_only: isInviteOnly });
      host.tell([
        isInviteOnly ? `Only who is invited may join #${group} now.` : `Anybody may join #${group} now.`,
      ]);
    },
    async describe(about: { title: string } | { topic: string } | { avatar_url: string }) {
      await host.profiles.setGroup(group, about);
      await host.renamed(`#${group}`);
      if (!('avatar_url' in about)) return;
      const { avatar_url: picture } = about;
      host.tell([
        picture ? `The picture of #${group} is at ${picture} now.` : `#${group} has no picture now.`,
      ]);
    },
  };
}
