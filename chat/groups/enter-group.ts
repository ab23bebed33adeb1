import { limits } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { groupChat } from '../chat-id.ts';
import type { Counted, Member, Millis, Name } from '../model.ts';
import type { Directory, Members, World } from '../ports.ts';
import { isMemberOf } from './claim-name.ts';
import { count, recount } from './count-members.ts';
import { ownerOf } from './succession.ts';

interface Ports {
  directory: Directory;
  members: Members;
  world: World;
}

/** How long what is left in a member's row stays. No function runs for so long: what a join has read by then is no more. */
export const LEFT_FOR = 24 * 60 * 60_000;

/** A new member's row. @param since the first seq that they are there for */
export const rowOf = (
  world: World,
  { name, generation, first }: Name,
  username: string,
  since: number,
): Member & { mark: string } => ({
  chat: groupChat(name),
  username,
  role: 'member',
  since,
  joined: world.now(),
  mark: world.newId(),
  ...(generation !== undefined && { generation }),
  ...(first !== undefined && { first }),
});

/** The row of an attempt to join. */
type Entry = ReturnType<typeof rowOf>;

/** What became of it; with `over`, what is in the row's place may be replaced, after another look. */
type Entered = 'in' | 'full' | { over?: string };

/**
 * Adds a member, then counts them: that is refused if the name is another's by now, and then they are out again.
 * @param over the mark of what may be in the row's place: it is no membership in this group
 */
export async function addMember(ports: Ports, name: Name, row: Entry, over?: string): Promise<Entered> {
  const there = await ports.members.join(row, over);
  if (there.mark === row.mark)
    return afterCommit(`Joined ${row.chat}, but not counted there`, countOrTakeBack(ports, name, row));
  return { over: !there.removed && isMemberOf(there, name) ? undefined : there.mark };
}

async function countOrTakeBack(ports: Ports, name: Name, row: Entry): Promise<Entered> {
  const now = await countIn(ports, name, row);
  const isCounted = now !== undefined && now.refused === undefined;
  if (!isCounted || (now.members ?? 0) > limits.members) return takeBack(ports, now, row, isCounted);
  // Its owner may have left just before, and seen nobody whom it could pass on to.
  const isAlone = (now.members ?? 0) <= 1 && now.owner !== row.username;
  if (isAlone) await ownerOf(ports, now);
  return 'in';
}

// A full group is counted anew at most so often: that reads all its members.
const RECOUNT_EVERY = 10 * 60_000;

/** Whether a group is full, and was counted one by one so lately that this is not done again. */
export const isFull = ({ members = 0, recounted = 0 }: Name, now: Millis): boolean =>
  members >= limits.members && now - recounted < RECOUNT_EVERY;

async function countIn(ports: Ports, name: Name, { mark }: Entry): Promise<Counted | undefined> {
  const counted = await count(ports, name, 1, mark, limits.members);
  if (!counted?.refused || isFull(counted, ports.world.now())) return counted;
  return (await recount(ports, counted)) ?? counted;
}

/** @param now the group; undefined if its name is another's @param isCounted whether they are counted there */
async function takeBack(
  ports: Ports,
  now: Name | undefined,
  { chat, username, mark }: Entry,
  isCounted: boolean,
): Promise<Entered> {
  const { members, world } = ports;
  const over = world.newId();
  const there = await members.remove({ chat, username, mark: over }, world.now() + LEFT_FOR, mark);
  if (now === undefined) return { over: there?.mark };
  // Whoever else took them out in between has counted them out.
  const isMine = there?.mark === over;
  const then = await count(ports, now, isCounted === isMine ? (isMine ? -1 : 1) : 0, over);
  // It passed to them while their row was there.
  if (then?.owner === username) await ownerOf(ports, then);
  return 'full';
}
