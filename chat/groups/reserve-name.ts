import { ChatError, groupChat, SYSTEM_NAME } from '../../protocol/index.ts';
import type { Member, Name } from '../model.ts';
import type { Directory, History, Members } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
}

/** Whether the row is a membership in this generation of the group. */
export const isMemberOf = (row: Member | undefined, { generation }: Name): row is Member =>
  row !== undefined && row.generation === generation;

/**
 * Reserves a name that is free, or takes it over from an empty group: a group ends when its last member leaves. A concurrent
 * join is either seen here or fails (docs/guarantees.md, groups).
 * @param history the log that a new group continues; absent for a user
 * @throws ChatError `name_taken` for the name that stands for the system, unless an identity provider gives its users ids
 * @returns the entry that is stored now: this one (same `attemptId`) or an earlier one
 */
export async function reserveName(ports: Ports, claim: Name, history?: History): Promise<Name> {
  const { directory, members } = ports;
  if (claim.name === SYSTEM_NAME && !(claim.kind === 'user' && directory.areApart))
    throw new ChatError('name_taken', `The name ${SYSTEM_NAME} is the service's own.`);
  const holder = await directory.reserve(claim);
  const isGroup = holder.attemptId !== claim.attemptId && holder.kind === 'group';
  if (!isGroup || !(await isDeserted(members, holder))) return holder;
  // A join cancels the takeover, so either it does that or the second check sees its row.
  if (!(await directory.startTakeover(holder, claim.attemptId)) || !(await isDeserted(members, holder)))
    return holder;
  const next = history ? await nextGeneration(history, holder, claim) : claim;
  return (await directory.takeOver(holder, next)) ? next : holder;
}

/** The new group continues the log's numbering, but earlier entries are invisible to it. */
async function nextGeneration(history: History, before: Name, claim: Name): Promise<Name> {
  const last = (await history.newest(groupChat(claim.name), 1)).at(-1)?.seq ?? 0;
  return {
    ...claim,
    generation: (before.generation ?? 0) + 1,
    ...(last > 0 && { first: last + 1 }),
  };
}

// One small page suffices, because rows of other generations are rare.
const PAGE = 10;

/** Whether a group has no members. Strongly consistent. */
export async function isDeserted(members: Members, name: Name): Promise<boolean> {
  for (let after = ''; ; ) {
    const rows = await members.page(groupChat(name.name), after, PAGE);
    if (rows.some((row) => isMemberOf(row, name))) return false;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return true;
    after = last.username;
  }
}
