import { afterCommit } from '../after-commit.ts';
import { groupChat } from '../chat-id.ts';
import type { Member, Name } from '../model.ts';
import type { Directory, Members, World } from '../ports.ts';
import { isMemberOf } from './claim-name.ts';
import { count } from './count-members.ts';

interface Ports {
  directory: Directory;
  members: Members;
}

interface QuitPorts extends Ports {
  world: World;
}

/**
 * Who owns a group: a member. Should the one on record be none, because a function died on the way, it passes on now.
 * @returns undefined if nobody is in the group, or its name is another's by now
 */
export async function ownerOf(ports: Ports, name: Name): Promise<string | undefined> {
  const { owner } = name;
  const row = owner === undefined ? undefined : await ports.members.get(groupChat(name.name), owner);
  return isMemberOf(row, name) ? owner : passOn(ports, name);
}

/**
 * Passes a group on from the owner on record to who has been there longest, a moderator before all others. It reads all
 * members: some 40 units for a thousand.
 * @returns the owner as it then is; undefined if there is nobody else
 */
async function passOn(ports: Ports, name: Name): Promise<string | undefined> {
  const heir = await heirOf(ports.members, name);
  if (heir === undefined) return undefined;
  const now = await ports.directory.passOwnership(name, name.owner, heir);
  if (now === undefined) return undefined;
  // Whoever leaves looks at whether they are the owner when they are out; so one of the two sees to it.
  return afterCommit(`The group ${name.name} has passed on, perhaps to who has left`, ownerOf(ports, now));
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

/** Rows come in the order of their names, so that of two who joined at once the first stays. */
function isBefore(one: Member, other: Member): boolean {
  if ((one.role === 'moderator') !== (other.role === 'moderator')) return one.role === 'moderator';
  return (one.joined ?? 0) < (other.joined ?? 0);
}

/**
 * Ends a membership. An owner's group passes on first: should this die in between, they are a member still.
 * @param row the membership, which may be in a group that had the name before
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
  // Of two who end it at once, one does.
  if (gone) await afterCommit(`Left ${chat}, but counted there`, countOut(ports, name, username));
}

/** Counts somebody out who is no member any more. @param name the group as it was read before they were out */
export async function countOut(ports: QuitPorts, name: Name, username: string): Promise<void> {
  const now = await count(ports, name, -1, ports.world.newId());
  // It passed to them just before they were out, or nobody else was there then.
  if (now?.owner === username) await passOn(ports, now);
}
