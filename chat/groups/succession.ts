import { ChatError, groupChat } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import type { Member, Name } from '../model.ts';
import type { Directory, Members, Runtime } from '../ports.ts';
import { count } from './count-members.ts';
import { isMemberOf } from './reserve-name.ts';

interface Ports {
  directory: Directory;
  members: Members;
}

interface QuitPorts extends Ports {
  runtime: Runtime;
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
 * Passes ownership on to the longest-standing member, moderators first. Reads all members: about 40 units for a thousand.
 * @returns the owner afterwards; undefined if there is nobody else
 */
async function passOn(ports: Ports, name: Name): Promise<string | undefined> {
  const heir = await heirOf(ports.members, name);
  if (heir === undefined) return undefined;
  const now = await ports.directory.passOwnership(name, name.owner, heir);
  if (now === undefined) return undefined;
  // The heir may leave meanwhile. A leaving member checks for ownership after leaving, so one of the two passes it on.
  return afterCommit(
    `The group ${name.name} has passed on, perhaps to a member who has left`,
    ownerOf(ports, now),
  );
}

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
export async function quit(ports: QuitPorts, name: Name | undefined, row: Member): Promise<void> {
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
 * Hands a group to one of its members, whoever owns it, for an operator. Idempotent.
 * @throws ChatError `unknown_group`, `not_a_member`, `busy`
 */
export async function setOwner(ports: Ports, group: string, username: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [name, row] = await Promise.all([
      ports.directory.get(group, 'group'),
      ports.members.get(groupChat(group), username),
    ]);
    if (name?.kind !== 'group') throw new ChatError('unknown_group', `There is no group ${group}.`);
    if (!isMemberOf(row, name))
      throw new ChatError('not_a_member', `${username} is not in the group ${group}.`);
    if (name.owner === username) return;
    const now = await ports.directory.passOwnership(name, name.owner, username);
    // They may leave meanwhile: then it passes on, as if they had left as its owner.
    if (now && (await afterCommit(`${group} has passed on`, ownerOf(ports, now))) === username) return;
  }
  throw new ChatError('busy', `The owner of ${group} changed at the same time. Try again.`);
}

/** Decrements the count after a membership has ended. @param name the group as it was read before that */
export async function countOut(ports: QuitPorts, name: Name, username: string): Promise<void> {
  const now = await count(ports, name, -1, ports.runtime.newId());
  // Ownership may have passed to them just before they left, or nobody else was in the group then.
  if (now?.owner === username) await passOn(ports, now);
}
