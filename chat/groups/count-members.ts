import { groupChat } from '../chat-id.ts';
import type { Counted, Name } from '../model.ts';
import type { Directory, Members, World } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
  world: World;
}

// Whoever is counted in between makes it begin again; after so many times it is left for the next.
const ROUNDS = 3;

/**
 * Counts a change of a group's member list that has taken effect. Had all been counted since the group was read, nobody
 * knows whether this change was seen; then all are counted once more.
 * @param name the group as it was read before the change
 * @param mark of the change
 * @param most there may be, with who comes in
 */
export async function count(
  ports: Ports,
  name: Name,
  more: 1 | 0 | -1,
  mark: string,
  most?: number,
): Promise<Counted | undefined> {
  let found = await ports.directory.count(name, more, mark, most);
  const all = found?.refused === 'recounted' ? await recount(ports, found) : undefined;
  if (all) return all;
  // Off by one at worst, until they are counted anew.
  while (found?.refused === 'recounted') found = await ports.directory.count(found, more, mark, most);
  return found;
}

/**
 * Counts all members one by one. What is counted in between makes it void; what changes in between and is counted later
 * finds that it has been done (`count`).
 * @param found the group as it was read after the caller's own change: that is among what is counted
 * @returns the group as it then is; undefined if others were always faster, or its name is another's by now
 */
export async function recount(
  { directory, members, world }: Ports,
  found: Counted,
): Promise<Name | undefined> {
  let now: Name | undefined = found;
  for (let round = 0; round < ROUNDS && now?.mark === found.mark; round++) {
    // Of two that came since, the second began when the change had taken effect.
    if ((now.recounts ?? 0) > (found.recounts ?? 0) + 1) return now;
    const there = await members.count(groupChat(now.name), now.generation);
    const counted = await directory.recount(now, there, world.newId(), world.now());
    if (counted) return counted;
    now = await directory.get(now.name);
  }
  return undefined;
}
