import { groupChat } from '../../protocol/index.ts';
import type { Counted, Name } from '../model.ts';
import type { Directory, Members, Runtime } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
  runtime: Runtime;
}

// A recount starts over if anybody is counted meanwhile. After this many attempts, it is left to the next request.
const ROUNDS = 3;

/**
 * Updates the member count after a join or a leave. If there was a recount since the group was read, it may or may not
 * include this change, so the members are recounted.
 * @param name the group as it was read before the change
 * @param attemptId the attempt id of the change
 * @param most the maximum count after a join
 */
export async function count(
  ports: Ports,
  name: Name,
  more: 1 | 0 | -1,
  attemptId: string,
  most?: number,
): Promise<Counted | undefined> {
  let found = await ports.directory.count(name, more, attemptId, most);
  const all = found?.refused === 'recounted' ? await recount(ports, found) : undefined;
  if (all) return all;
  // Without a recount, the count may be off by one until the next recount.
  while (found?.refused === 'recounted') found = await ports.directory.count(found, more, attemptId, most);
  return found;
}

/**
 * Counts all members one by one. A count in between makes it start over; a change in between whose count comes later finds
 * the recount (`count`).
 * @param found the group as it was read after the caller's own change, which the recount therefore includes
 * @returns the updated group; undefined after losing too many races, or if the group has ended
 */
export async function recount(
  { directory, members, runtime }: Ports,
  found: Counted,
): Promise<Name | undefined> {
  let now: Name | undefined = found;
  for (let round = 0; round < ROUNDS && now?.attemptId === found.attemptId; round++) {
    // Of two recounts since then, the second began after the change took effect.
    if ((now.recounts ?? 0) > (found.recounts ?? 0) + 1) return now;
    const there = await members.count(groupChat(now.name), now.generation);
    const counted = await directory.recount(now, there, runtime.newId(), runtime.now());
    if (counted) return counted;
    now = await directory.get(now.name, 'group');
  }
  return undefined;
}
