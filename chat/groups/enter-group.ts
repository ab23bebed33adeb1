import { groupChat, limits } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import type { Counted, Member, Millis, Name } from '../model.ts';
import type { Directory, Members, Runtime } from '../ports.ts';
import { count, recount } from './count-members.ts';
import { isMemberOf } from './reserve-name.ts';
import { ownerOf } from './succession.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

/** How long a removed member's row stays, in milliseconds: longer than any join in progress can run. */
export const LEFT_FOR = 24 * 60 * 60_000;

/** A new member's row. @param since the first seq after they join */
export const rowOf = (
  runtime: Runtime,
  { name, generation, first }: Name,
  username: string,
  since: number,
): Member & { attemptId: string } => ({
  chat: groupChat(name),
  username,
  role: 'member',
  since,
  joined: runtime.now(),
  attemptId: runtime.newId(),
  ...(generation !== undefined && { generation }),
  ...(first !== undefined && { first }),
});

/** The row of a join. */
type Entry = ReturnType<typeof rowOf>;

/** The result of a join. With `over`, a retry may replace the existing row that has this attempt id. */
type Entered = 'in' | 'full' | { over?: string };

/**
 * Adds a member's row and then counts it. If the group is full or has ended, the row is removed again.
 * @param over the attempt id of an existing row to replace, which is not a membership in this group
 */
export async function addMember(ports: Ports, name: Name, row: Entry, over?: string): Promise<Entered> {
  const there = await ports.members.join(row, over);
  if (there.attemptId === row.attemptId)
    return afterCommit(`Joined ${row.chat}, but not counted there`, countOrTakeBack(ports, name, row));
  return { over: !there.removed && isMemberOf(there, name) ? undefined : there.attemptId };
}

async function countOrTakeBack(ports: Ports, name: Name, row: Entry): Promise<Entered> {
  const now = await countIn(ports, name, row);
  const isCounted = now !== undefined && now.refused === undefined;
  if (!isCounted || (now.members ?? 0) > limits.members) return takeBack(ports, now, row, isCounted);
  // The owner may have left just before and found nobody to pass the group on to.
  const isAlone = (now.members ?? 0) <= 1 && now.owner !== row.username;
  if (isAlone) await ownerOf(ports, now);
  return 'in';
}

// The minimum interval between recounts of a full group, because a recount reads all members.
const RECOUNT_EVERY = 10 * 60_000;

/** Whether a group is full and its last recount is too recent for another. */
export const isFull = ({ members = 0, recounted = 0 }: Name, now: Millis): boolean =>
  members >= limits.members && now - recounted < RECOUNT_EVERY;

async function countIn(ports: Ports, name: Name, { attemptId }: Entry): Promise<Counted | undefined> {
  const counted = await count(ports, name, 1, attemptId, limits.members);
  if (!counted?.refused || isFull(counted, ports.runtime.now())) return counted;
  return (await recount(ports, counted)) ?? counted;
}

/** @param now the group; undefined if it has ended @param isCounted whether the count includes the member */
async function takeBack(
  ports: Ports,
  now: Name | undefined,
  { chat, username, attemptId }: Entry,
  isCounted: boolean,
): Promise<Entered> {
  const { members, runtime } = ports;
  const over = runtime.newId();
  const there = await members.remove(
    { chat, username, attemptId: over },
    runtime.now() + LEFT_FOR,
    attemptId,
  );
  if (now === undefined) return { over: there?.attemptId };
  // Another request that removed the row meanwhile has already counted it.
  const isMine = there?.attemptId === over;
  const then = await count(ports, now, isCounted === isMine ? (isMine ? -1 : 1) : 0, over);
  // Ownership may have passed to this member while the row existed.
  if (then?.owner === username) await ownerOf(ports, then);
  return 'full';
}
