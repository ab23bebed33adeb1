import {
  type sendSystemMessage as command,
  decodeId,
  groupChat,
  groupOf,
  privateChat,
  type ReplyOf,
  type RequestOf,
  usersOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { isDeserted } from '../groups/reserve-name.ts';
import { append, draftBy, readTail, refuseBeyondEnd } from '../history/append.ts';
import { type Caller, type Name, SYSTEM } from '../model.ts';
import { noGroup } from '../not-a-member.ts';
import type { Credentials } from '../ports.ts';
import { requireUser } from '../require-user.ts';
import { deliverEntry, type SendPorts } from './send.ts';

type Ports = SendPorts & { credentials: Credentials };

/** The chat that is meant, and who has to be in it: users who are, or a group. */
type Where = { chat: string; users: readonly string[] } | { chat: string; group: Name };

/**
 * Sends a message of the service's own to a group, to both users of a private chat, or to one user.
 * @throws ChatError `unknown_recipient`, `unknown_group`, and what `append` throws
 */
export async function sendSystemMessage(
  ports: Ports,
  { chat: meant, content, client_message_id: key, after_seq: after }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { history, runtime, members } = ports;
  const where = await find(ports, meant);
  const { chat } = where;
  const draft = draftBy('group' in where ? where.group : {}, { chat, sender: SYSTEM, content, key, after });
  const tail = await readTail(history, draft);
  if (tail.last !== undefined || 'group' in where)
    return deliverEntry(ports, await append(history, runtime, draft, tail), caller);
  refuseBeyondEnd(draft, tail);
  const open = async () => {
    await Promise.all(where.users.map((username) => members.addPeer(chat, username)));
    return append(history, runtime, draft, tail);
  };
  const first = await afterCommit(`Created the chat ${chat}, perhaps without a message`, open());
  return deliverEntry(ports, first, caller);
}

/** @throws ChatError `unknown_recipient`, `unknown_group` */
async function find(ports: Ports, meant: string): Promise<Where> {
  const { directory } = ports;
  const group = groupOf(meant);
  if (group !== undefined) return ofGroup(ports, group, await directory.get(group, 'group'));
  if (meant.includes(':')) return ofUsers(ports, usersOf(meant));
  const word = decodeId(meant);
  const holder = directory.areApart ? undefined : await directory.get(word, 'user');
  return holder?.kind === 'group' ? ofGroup(ports, word, holder) : ofUsers(ports, [word, word]);
}

async function ofUsers(ports: Ports, [one, other]: [string, string]): Promise<Where> {
  const users = [...new Set([one, other])];
  await Promise.all(users.map((username) => requireUser(ports, username)));
  return { chat: privateChat(one, other), users };
}

async function ofGroup({ members }: Ports, name: string, found: Name | undefined): Promise<Where> {
  if (found?.kind !== 'group' || (await isDeserted(members, found))) throw noGroup(name);
  return { chat: groupChat(name), group: found };
}
