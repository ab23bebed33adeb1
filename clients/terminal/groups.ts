import type { Row } from '../view/view.ts';
import { chosen, groupNamed, type Host, Refusal, userNamed } from './host.ts';

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

/** What the owner of a group may do. */
export function members(host: Host, { name: group }: Row) {
  const { chat } = host;
  const userOf = (word: string) => userNamed(chat, word);
  return {
    async invite(word: string) {
      await chat.request({ type: 'invite', group_id: group, username: userOf(word) });
      host.tell([`You have invited ${word} to #${group}.`]);
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
    async describe(about: { title: string } | { topic: string }) {
      await host.profiles.setGroup(group, about);
      await host.renamed(`#${group}`);
    },
  };
}
