import { groupChat } from '../chat-id.ts';
import type { Member, Name } from '../model.ts';
import type { Directory, History, Members } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
}

/** Whether that row is a membership in the group that has the name now. */
export const isMemberOf = (row: Member | undefined, { generation }: Name): row is Member =>
  row !== undefined && row.generation === generation;

/**
 * Claims a name that nobody has, or that is a group's whom all have left: a group lasts as long as somebody is in it.
 * Whoever is just joining that group is either seen here, or told that it is no more (docs/guarantees.md, groups).
 * @param history where a group goes on; a user needs none
 * @returns the claim that holds now: this one (its `mark` tells), or the one that was first
 */
export async function reserveName(ports: Ports, claim: Name, history?: History): Promise<Name> {
  const { directory, members } = ports;
  const holder = await directory.reserve(claim);
  const isGroup = holder.mark !== claim.mark && holder.kind === 'group';
  if (!isGroup || !(await isDeserted(members, holder))) return holder;
  // Who joins takes this back; so of a join and the second look, one sees the other.
  if (!(await directory.startTakeover(holder, claim.mark)) || !(await isDeserted(members, holder)))
    return holder;
  const next = history ? await nextGeneration(history, holder, claim) : claim;
  return (await directory.takeOver(holder, next)) ? next : holder;
}

/** The numbers of the log go on; what was written so far is not the new group's. */
async function nextGeneration(history: History, before: Name, claim: Name): Promise<Name> {
  const last = (await history.newest(groupChat(claim.name), 1)).at(-1)?.seq ?? 0;
  return {
    ...claim,
    generation: (before.generation ?? 0) + 1,
    ...(last > 0 && { first: last + 1 }),
  };
}

// Rows of other generations, which are no memberships, are rare.
const LOOK = 10;

/** Whether nobody is in a group. Strongly consistent. */
export async function isDeserted(members: Members, name: Name): Promise<boolean> {
  for (let after = ''; ; ) {
    const rows = await members.page(groupChat(name.name), after, LOOK);
    if (rows.some((row) => isMemberOf(row, name))) return false;
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOOK) return true;
    after = last.username;
  }
}
