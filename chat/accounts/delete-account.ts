import type { deleteAccount as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { groupOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { requireLogin } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { OutcomeUnknown } from '../errors.ts';
import { quit } from '../groups/succession.ts';
import type { Caller, Invitation, Millis } from '../model.ts';
import type { Credentials, Directory, History, Invitations, Members, Overflow, Profiles } from '../ports.ts';
import { userProfile } from '../profiles.ts';
import { type AuthenticatePorts, refuseInvalid, verify } from './authenticate.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

interface ErasePorts extends DeliverPorts {
  directory: Directory;
  history: History;
  invitations: Invitations;
  members: Members;
}

interface Ports extends ErasePorts, Omit<AuthenticatePorts, 'sessions'> {
  credentials: Credentials;
  overflow: Overflow;
  profiles: Profiles;
}

/**
 * Erases the caller's account. All other connections end first, so that nothing new comes; the account is locked once all
 * that it has is gone. So whatever dies, this connection can repeat it, and until then so can a login. After the lock,
 * what came in between goes, and last the connection.
 * @throws ChatError `not_logged_in`, `session_expired`, `invalid_credentials`, `rate_limited`
 * @throws OutcomeUnknown if time was too short for everything
 */
export async function deleteAccount(
  ports: Ports,
  { password }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { username } = await requireLogin(ports, caller);
  await verifyOwner(ports, username, password, caller);
  const erasing = await endOthers(ports, username, caller);
  await afterCommit('Not all of the account is erased', erase(erasing, username, caller));
  return {};
}

/** Whose connection it is may have left it open: a password is asked for, if there is one. */
async function verifyOwner(
  ports: Ports,
  username: string,
  password: string | undefined,
  caller: Caller,
): Promise<void> {
  const credential = await ports.credentials.get(username);
  // An earlier attempt has locked the account, after it had checked the password.
  if (credential?.erased) return;
  if (password !== undefined) await verify(ports, username, password, credential, caller);
  else if (credential?.password !== undefined) await refuseInvalid(ports, caller);
}

async function endOthers(ports: Ports, username: string, { connectionId }: Caller): Promise<Ports> {
  const { ended } = await endEverySession(ports, username, connectionId);
  await notifyEnded(ports.gateway, ended, 'erased');
  return ports;
}

async function erase(ports: Ports, username: string, caller: Caller): Promise<void> {
  const read = await leaveAll(ports, username);
  await ports.profiles.erase(userProfile(username));
  await lock(ports, username);
  // A login with the password may have come in between.
  await endOthers(ports, username, caller);
  await leaveAll(ports, username, read);
  await ports.inboxes.forget(username);
  await ports.overflow.forget(username);
  // Last: until then the caller can repeat this.
  await ports.connections.unbind(caller.connectionId, username);
}

/** Makes the credential unusable: nobody can log in or register by this name, nor come back by the identity provider. */
async function lock({ credentials, inboxes, runtime, secrets }: Ports, username: string): Promise<void> {
  for (;;) {
    const credential = await credentials.get(username);
    if (credential === undefined || credential.erased) return;
    // A password that nobody knows.
    const password = await secrets.hash(secrets.newToken());
    const { epoch } = (await inboxes.getMany([username])).get(username) ?? { epoch: 0 };
    const next = { username, attemptId: runtime.newId(), password, epoch: epoch + 1, erased: true } as const;
    // Otherwise it was changed at the same time: read it again.
    if (await credentials.replace(credential.attemptId, next)) return;
  }
}

/**
 * Erases a user's texts in each chat that they are in, and then leaves it. A repeat continues with the chats that are left.
 * @param read chats that have been read, up to a seq: they are looked at again from there
 * @returns the same after this call
 */
async function leaveAll(
  ports: ErasePorts,
  username: string,
  read: ReadonlyMap<string, number> = new Map(),
): Promise<ReadonlyMap<string, number>> {
  const { directory, invitations, members } = ports;
  const now = new Map<string, number>();
  for (const chat of new Set([...read.keys(), ...(await members.chatsOf(username))])) {
    const row = await members.get(chat, username);
    const from = read.get(chat) ?? row?.since;
    // The index may lag behind.
    if (from === undefined) continue;
    now.set(chat, await eraseTexts(ports, chat, from, username));
    if (row === undefined) continue;
    const group = groupOf(chat);
    if (group === undefined) await members.leave({ chat, username });
    else await quit(ports, await directory.get(group, 'group'), row);
  }
  for (let page: Invitation[] = [], after: string | undefined = ''; after !== undefined; ) {
    page = await invitations.page(username, after, PAGE);
    if (page.length > 0) await eachInTime(ports, page, (each) => invitations.remove(each));
    after = page.at(-1)?.group;
  }
  return now;
}

const PAGE = 100;
// Items that are erased in parallel.
const PARALLEL = 10;
// Time for what an erasure in parallel takes, and for the reply.
const RESERVE: Millis = 5_000;

/** Does something with each item, some in parallel. @throws OutcomeUnknown if time gets short, also without items */
async function eachInTime<T>(
  { runtime }: ErasePorts,
  items: readonly T[],
  task: (item: T) => Promise<void>,
): Promise<void> {
  for (let index = 0; index < items.length || index === 0; index += PARALLEL) {
    if (runtime.timeLeft() < RESERVE) throw new OutcomeUnknown('The time was too short');
    await Promise.all(items.slice(index, index + PARALLEL).map(task));
  }
}

/** @param from the first seq to look at @returns the first seq that it has not seen */
async function eraseTexts(ports: ErasePorts, chat: string, from: number, username: string): Promise<number> {
  const { history, runtime } = ports;
  for (let next = from; ; ) {
    const page: Awaited<ReturnType<History['from']>> = await history.from(chat, next);
    const theirs = page.entries.filter(
      ({ sender, edits, deletes, changed }) =>
        // Edits and deletions have no text.
        sender === username && edits === undefined && deletes === undefined && changed?.kind !== 'deleted',
    );
    await eachInTime(ports, theirs, ({ seq }) => history.erase(chat, seq, runtime.now()));
    next = (page.entries.at(-1)?.seq ?? next - 1) + 1;
    if (!page.more) return next;
  }
}
