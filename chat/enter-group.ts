import { groupChat } from './chats.ts';
import { isIn } from './claim-name.ts';
import { inEffect } from './in-effect.ts';
import type { Member, Members, Name, Names, World } from './ports.ts';
import { ownerOf } from './succession.ts';

interface Ports {
  names: Names;
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
): Member => ({
  chat: groupChat(name),
  username,
  role: 'member',
  since,
  joined: world.now(),
  turn: world.newId(),
  ...(generation !== undefined && { generation }),
  ...(first !== undefined && { first }),
});

/** What became of it; with `over`, what is in the row's place may be replaced, after another look. */
type Entered = 'in' | 'full' | { over?: string };

/**
 * Adds a member, then counts them: that is refused if the name is another's by now, and then they are out again.
 * @param over the turn of what may be in the row's place: it is no membership in this group
 */
export async function enter(ports: Ports, name: Name, row: Member, over?: string): Promise<Entered> {
  const there = await ports.members.join(row, over);
  if (there.turn === row.turn)
    return inEffect(`Joined ${row.chat}, but not counted there`, settle(ports, name, row));
  return { over: !there.removed && isIn(there, name) ? undefined : there.turn };
}

async function settle(ports: Ports, name: Name, { chat, username, turn }: Member): Promise<Entered> {
  const { members, world } = ports;
  const now = await countIn(ports, name);
  if (now === undefined || now.full) {
    const over = world.newId();
    await members.remove(chat, username, over, world.now() + LEFT_FOR, turn);
    return now ? 'full' : { over };
  }
  // Its owner may have left just before, and seen nobody whom it could pass on to.
  const isAlone = (now.members ?? 0) <= 1 && now.owner !== username;
  if (isAlone) await ownerOf(ports, now);
  return 'in';
}

// A full group is counted anew at most so often: that reads all its members.
const RECOUNT_EVERY = 10 * 60_000;

async function countIn({ names, members, world }: Ports, name: Name) {
  const counted = await names.count(name, 1);
  const now = world.now();
  if (!counted?.full || now - (counted.recounted ?? 0) < RECOUNT_EVERY) return counted;
  // The row of who comes in is there already, and not counted yet.
  await names.recount(counted, (await members.count(groupChat(name.name), name.generation)) - 1, now);
  return names.count(name, 1);
}
