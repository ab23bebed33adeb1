import {
  type addMember as addCommand,
  ChatError,
  type createGroup as createCommand,
  groupChat,
  type joinGroup as joinCommand,
  type leaveGroup as leaveCommand,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import type { Caller, Invitation, Name, Profile } from '../model.ts';
import { noGroup, notAMember } from '../not-a-member.ts';
import type {
  Credentials,
  Directory,
  History,
  Invitations,
  Members,
  Profiles,
  RateLimiter,
} from '../ports.ts';
import { groupProfile } from '../profiles.ts';
import { requireUser } from '../require-user.ts';
import { addMember as addRow, isFull, rowOf } from './enter-group.ts';
import { profileIn } from './group-profiles.ts';
import { invitationTo } from './invitations.ts';
import { isDeserted, isMemberOf, reserveName } from './reserve-name.ts';
import { quit } from './succession.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

interface EnterPorts extends Ports {
  history: History;
}

/**
 * Creates a group with the caller as first member and owner. If this dies in between, the group is empty, and the next
 * request can take its name over.
 * @throws ChatError `not_logged_in`, `rate_limited`, `name_taken`, `limit_reached`
 */
export async function createGroup(
  ports: EnterPorts & { creations: RateLimiter; profiles: Profiles },
  { group_name: group, invite_only: inviteOnly = false, ...given }: RequestOf<typeof createCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof createCommand>> {
  const { members, creations, runtime } = ports;
  const owner = await currentUser(ports, caller);
  refuseIfMany(await members.groupsOf(owner));
  if (!caller.backend) {
    // Limited per user and, like registrations, per address.
    await creations.admit(`user ${owner}`);
    await creations.admit(`address ${caller.address}`);
  }
  const claim: Name = {
    name: group,
    kind: 'group',
    created: runtime.now(),
    owner,
    members: 0,
    attemptId: runtime.newId(),
  };
  const name = await reserveName(ports, inviteOnly ? { ...claim, inviteOnly } : claim, ports.history);
  const taken = new ChatError('name_taken', `The name ${group} is taken.`);
  if (name.attemptId !== claim.attemptId) throw taken;
  const row = rowOf(runtime, name, owner, name.first ?? 1);
  const profile = profileIn(given);
  const isTitled = Object.values(profile).some(Boolean);
  const first = async () => {
    // Before anybody is in: a group that a repeat finds complete has its title.
    if (isTitled) await ports.profiles.set(groupProfile(name), profile);
    const entered = await addRow(ports, name, row);
    // A row may be left from a membership in an earlier group with this name.
    const over = typeof entered === 'object' ? entered.over : undefined;
    const isIn = entered === 'in' || (over !== undefined && (await addRow(ports, name, row, over)) === 'in');
    // The name is another's by now, and what was refused leaves nothing that a user wrote.
    if (!isIn && isTitled) await ports.profiles.set(groupProfile(name), untitled);
    return isIn;
  };
  if (!(await afterCommit(`The name ${group} is reserved, but the group is empty`, first()))) throw taken;
  await notify(ports, { type: 'JOINED', group_id: group }, [owner], caller.connectionId);
  return { group_id: group, groupname: group };
}

/** Removes all of a group's profile. */
const untitled: Profile = { name: '', topic: '', avatar: '' };

// Each attempt fails only if something changed meanwhile: a removal, an invitation, or the group ended.
const ATTEMPTS = 5;

/**
 * Makes the caller a member. Idempotent. A removed user needs an invitation. The invitation is deleted last, so that a
 * join that dies in between has succeeded.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_invited`, `limit_reached`, `busy`
 */
export async function joinGroup(
  ports: EnterPorts & { invitations: Invitations },
  { group_id: group }: RequestOf<typeof joinCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof joinCommand>> {
  const username = await currentUser(ports, caller);
  await enter(ports, group, username, caller, {
    async refusal(name) {
      return refusalOf(ports.directory, name, username);
    },
    async entered() {},
  });
  return { group_id: group };
}

/**
 * Makes any user a member, for the operator: neither an invitation nor a removal counts. Idempotent.
 * @throws ChatError `unknown_group`, `unknown_recipient`, `limit_reached`, `busy`
 */
export async function addMember(
  ports: EnterPorts & { credentials: Credentials; invitations: Invitations },
  { group_id: group, username }: RequestOf<typeof addCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof addCommand>> {
  await requireUser(ports, username);
  await enter(ports, group, username, caller, {
    refusal: async () => undefined,
    // After they are in: a repeat of one that died in between comes here, too.
    async entered(name) {
      if (name.hasRemoved) await ports.directory.unbar(name, username);
    },
  });
  return { group_id: group, username };
}

/** Who may enter a group. */
interface Door {
  /** Why a user may not, without an invitation; undefined if they may. */
  refusal(name: Name): Promise<ChatError | undefined>;
  /** What follows once they are in. Idempotent. */
  entered(name: Name): Promise<void>;
}

async function enter(
  ports: EnterPorts & { invitations: Invitations },
  group: string,
  username: string,
  caller: Caller,
  door: Door,
): Promise<void> {
  // The attempt id of an existing row that is not a membership in this group.
  let over: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await lookFor(ports, group, username);
    const { name, row, since } = found;
    over = row?.attemptId ?? over;
    if (isMemberOf(row, name)) {
      // A takeover that found the group empty before this row existed must fail.
      if (!(await ports.directory.cancelTakeover(name))) continue;
      // An earlier attempt that died may have left the invitation.
      const left = await invitationTo(ports, name, username);
      if (left) await ports.invitations.remove(left);
      await door.entered(name);
      return;
    }
    const invitation = await invitationTo(ports, name, username);
    const refusal = invitation ? undefined : await door.refusal(name);
    if (refusal) {
      // A join on another device may have used up the invitation since the row was read.
      if (isMemberOf(await ports.members.get(groupChat(group), username), name)) continue;
      // Nobody is left who could invite.
      await refuseDeserted(ports.members, name);
      throw refusal;
    }
    refuseIfMany(found.groups);
    await refuseDeserted(ports.members, name);
    // Checked first, so that refused joins don't disturb the recount of a full group.
    const entered = isFull(name, ports.runtime.now())
      ? 'full'
      : await addRow(ports, name, rowOf(ports.runtime, name, username, since), over);
    if (entered === 'full')
      throw new ChatError('limit_reached', `${group} has ${limits.members} members already.`);
    if (entered === 'in') {
      await afterJoining(ports, name, username, caller, { invitation, door });
      return;
    }
    over = entered.over;
  }
  throw new ChatError('busy', `Too many changes in ${group} at once. Try again.`);
}

/** Reads what a join depends on. @throws ChatError `unknown_group` */
async function lookFor({ directory, members, history }: EnterPorts, group: string, username: string) {
  const chat = groupChat(group);
  const [name, newest, row, groups] = await Promise.all([
    directory.get(group, 'group'),
    history.newest(chat, 1),
    members.get(chat, username),
    members.groupsOf(username),
  ]);
  if (name?.kind !== 'group') throw noGroup(group);
  return { name, row, groups, since: (newest.at(-1)?.seq ?? 0) + 1 };
}

/** Why a user may not join without an invitation, which overrides a removal record; undefined if they may. */
async function refusalOf(directory: Directory, name: Name, username: string): Promise<ChatError | undefined> {
  const { owner: ask } = name;
  const invite = ask === undefined ? 'ask its owner to invite you' : `ask ${ask} to invite you`;
  if (name.inviteOnly)
    return new ChatError('not_invited', `${name.name} is invite-only: ${invite}.`, { ask });
  if (!name.hasRemoved || !(await directory.isBarred(name, username))) return undefined;
  return new ChatError('not_invited', `You were removed from ${name.name}: ${invite}.`, { ask });
}

/** A group lasts as long as somebody is in it. @throws ChatError `unknown_group` */
async function refuseDeserted(members: Members, name: Name): Promise<void> {
  if (await isDeserted(members, name)) throw noGroup(name.name);
}

async function afterJoining(
  ports: Ports & { invitations: Invitations },
  name: Name,
  username: string,
  caller: Caller,
  { invitation, door }: { invitation: Invitation | undefined; door: Door },
): Promise<void> {
  const finish = async () => {
    if (invitation) await ports.invitations.remove(invitation);
    await door.entered(name);
    await notify(ports, { type: 'JOINED', group_id: name.name }, [username], caller.connectionId);
  };
  await afterCommit(`Joined ${name.name}, but perhaps still invited`, finish());
}

/**
 * Ends the caller's membership, or declines an invitation, and tells their other devices. It looks before it deletes: a
 * delete that the SDK makes twice finds nothing the second time, and must not be answered with `not_a_member`.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`
 */
export async function leaveGroup(
  ports: Ports & { invitations: Invitations },
  { group_id: group }: RequestOf<typeof leaveCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof leaveCommand>> {
  const { directory, members, invitations } = ports;
  const username = await currentUser(ports, caller);
  const [name, row] = await Promise.all([
    directory.get(group, 'group'),
    members.get(groupChat(group), username),
  ]);
  if (row) await quit(ports, name, row);
  // A row may be left from a membership in an earlier group with this name.
  if (!name || !isMemberOf(row, name)) {
    const invitation = await invitations.get(username, group);
    if (invitation) await invitations.remove(invitation);
    else if (!row) throw await notAMember(directory, group);
  }
  await notify(ports, { type: 'LEFT', group_id: group }, [username], caller.connectionId);
  return { group_id: group };
}

function refuseIfMany(groups: readonly string[]): void {
  if (groups.length < limits.groups) return;
  throw new ChatError('limit_reached', `You are in ${limits.groups} groups already.`);
}
