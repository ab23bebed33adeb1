import { ChatError, groupChat } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import { OutcomeUnknown } from '../errors.ts';
import type { Member, Name } from '../model.ts';
import type { Directory, Members } from '../ports.ts';
import { count } from './count-members.ts';
import { isMemberOf } from './reserve-name.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

/**
 * Returns a group's owner. If the recorded owner is no longer a member, because a function died halfway, ownership passes on.
 * @returns undefined if the group is empty or has ended
 */
export async function ownerOf(ports: Ports, name: Name): Promise<string | undefined> {
  const { owner } = name;
  const row = owner === undefined ? undefined : await ports.members.get(groupChat(name.name), owner);
  return isMemberOf(row, name) ? owner : passOn(ports, name);
}

/**
 * Passes ownership on to the longest-standing member, moderators first, and tells them. Reads all members: about 40 units
 * for a thousand.
 * @returns the owner afterwards; undefined if there is nobody else
 */
async function passOn(ports: Ports, name: Name): Promise<string | undefined> {
  const heir = await heirOf(ports.members, name);
  if (heir === undefined) return undefined;
  const now = await ports.directory.passOwnership(name, name.owner, heir);
  if (now === undefined) return undefined;
  const settled = await settledOwner(ports, now);
  if (settled === heir)
    await notify(ports, { type: 'OWNER_CHANGED', group_id: name.name, owner: heir }, [heir], '');
  return settled;
}

/**
 * The owner after ownership has passed to a member, who may have left meanwhile. A leaving member checks for ownership after
 * leaving, so one of the two passes it on.
 */
const settledOwner = (ports: Ports, now: Name): Promise<string | undefined> =>
  afterCommit(`The group ${now.name} has passed on, perhaps to a member who has left`, ownerOf(ports, now));

const PAGE = 5_000;

async function heirOf(members: Members, name: Name): Promise<string | undefined> {
  let heir: Member | undefined;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: Member[] = await members.page(groupChat(name.name), after, PAGE);
    for (const row of rows)
      if (isMemberOf(row, name) && row.username !== name.owner && (!heir || isBefore(row, heir))) heir = row;
    after = rows.length < PAGE ? undefined : rows.at(-1)?.username;
  }
  return heir?.username;
}

/** Of two who joined at the same time, the first by name wins, because rows are ordered by name. */
function isBefore(one: Member, other: Member): boolean {
  if ((one.role === 'moderator') !== (other.role === 'moderator')) return one.role === 'moderator';
  return (one.joined ?? 0) < (other.joined ?? 0);
}

/**
 * Ends a membership. An owner first passes ownership on, so that they are still a member if this dies in between.
 * @param row the membership, possibly in an earlier group with the same name
 */
export async function quit(ports: Ports, name: Name | undefined, row: Member): Promise<void> {
  const { chat, username } = row;
  const { members } = ports;
  if (name === undefined || !isMemberOf(row, name)) {
    await members.leave(row);
    return;
  }
  const passed = name.owner === username && (await passOn(ports, name)) !== undefined;
  const leaving = members.leave(row);
  const gone = await (passed
    ? afterCommit(`${chat} has passed on, but its owner has not left`, leaving)
    : leaving);
  // Of two concurrent calls, only one ends the membership.
  if (gone) await afterCommit(`Left ${chat}, but counted there`, countOut(ports, name, username));
}

// Each attempt fails only if the owner has changed meanwhile.
const ATTEMPTS = 5;

/**
 * Hands a group to one of its members, and tells them and the owner before. A group's owner is one attribute, changed if it is
 * still as it was read: there is one at every moment, whenever this dies. Idempotent.
 * @param find reads the group, and throws if it may not be handed over
 * @param by whoever hands it over, and their connection, which gets a reply instead; absent for an operator
 * @throws ChatError `not_a_member`, `busy`
 */
export async function handOver(
  ports: Ports,
  find: () => Promise<Name>,
  username: string,
  by?: { username: string; connectionId: string },
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const name = await find();
    const { name: group, owner: before } = name;
    if (!isMemberOf(await ports.members.get(groupChat(group), username), name))
      throw new ChatError('not_a_member', `${username} is not in the group ${group}.`);
    if (before === username) return;
    const now = await ports.directory.passOwnership(name, before, username);
    if (now?.owner !== username) continue;
    // They may have left since they were found to be a member: then it has passed on, as if they had left as its owner.
    if ((await settledOwner(ports, now)) !== username)
      throw new OutcomeUnknown(`${username} left ${group} as it passed on to them`);
    const event = { type: 'OWNER_CHANGED', group_id: group, owner: username } as const;
    const whom = before === undefined ? [username] : [username, before];
    await notify(ports, by ? { ...event, by: by.username } : event, whom, by?.connectionId ?? '');
    return;
  }
  throw new ChatError('busy', 'The owner changed at the same time. Try again.');
}

/**
 * Hands a group to one of its members, whoever owns it, for an operator. Idempotent.
 * @throws ChatError `unknown_group`, `not_a_member`, `busy`
 */
export const appointOwner = (ports: Ports, group: string, username: string): Promise<void> =>
  handOver(
    ports,
    async () => {
      const name = await ports.directory.get(group, 'group');
      if (name?.kind !== 'group') throw new ChatError('unknown_group', `There is no group ${group}.`);
      return name;
    },
    username,
  );

/** Decrements the count after a membership has ended. @param name the group as it was read before that */
export async function countOut(ports: Ports, name: Name, username: string): Promise<void> {
  const now = await count(ports, name, -1, ports.runtime.newId());
  // Ownership may have passed to them just before they left, or nobody else was in the group then.
  if (now?.owner === username) await passOn(ports, now);
}
