import type { Client } from '../support/client.ts';
import { PASSWORD } from '../support/configured.ts';
import { configured, type scene as tellingScene, unique } from '../support/given.ts';
import type { startProvider } from '../support/provider.ts';
import { LOOKS, requestFor, type Who } from '../support/request-for.ts';

const SECRET = 'between us';

/** A service, and the identity provider of its users. */
interface Stage {
  given: ReturnType<typeof tellingScene>;
  provider?: Pick<Awaited<ReturnType<typeof startProvider>>, 'tokenOf'>;
}

interface Others {
  owner: Client;
  /** A member of each group, and a user with whom nobody else has a chat but bob. */
  alice: Client;
  bob: Client;
}

interface Scene extends Stage, Others {
  who: Who;
  caller: Client;
  /** What the request is about; for who is merely logged in there is no such group. */
  group: string;
}

/** Requests about somebody else's, if that is what is asked; others are those of the docs, about the group. */
const requests: Readonly<Record<string, (scene: Scene) => object>> = {
  register: ({ who, alice }) => ({ username: who === "another's" ? alice.name : unique('new') }),
  login: ({ provider, ...scene }) => {
    const username = scene.who === "another's" ? scene.alice.name : scene.caller.name || scene.alice.name;
    return provider ? { token: provider.tokenOf({ sub: username }) } : { username };
  },
  logout: () => ({}),
  change_password: ({ who }) => ({
    new_password: 'new-password',
    ...(configured().passwords === 'required' && { old_password: PASSWORD }),
    ...(who === "another's" && { old_password: "alice's password" }),
  }),
  delete_account: ({ who }) => ({
    ...(configured().passwords === 'required' && { password: PASSWORD }),
    ...(who === "another's" && { password: "alice's password" }),
  }),
  SEND_MESSAGE: ({ bob }) => ({ recipient: bob.name, content: 'hi' }),
  SEND_GROUP_MESSAGE: ({ who, group, alice }) => ({
    group_id: group,
    content: 'hi',
    ...(who === "another's" && { sender: alice.name }),
  }),
  fetch_history: ({ who, group, alice }) => ({ recipient: who === "another's" ? alice.name : group }),
  sync: (scene) => ({ cursors: { [othersChat(scene)]: 0 } }),
  list_chats: () => ({}),
  mark_read: (scene) => ({ chat: chatOf(scene) }),
  typing: (scene) => ({ chat: chatOf(scene) }),
  edit_message: (scene) => ({ chat: chatOf(scene), seq: 1, content: 'changed' }),
  delete_message: (scene) => ({ chat: chatOf(scene), seq: 1 }),
  create_group: ({ who, group }) => ({ group_name: who === "another's" ? group : unique('group') }),
};

const othersChat = ({ alice, bob }: Scene) => [alice.name, bob.name].sort().join(':');

const chatOf = (scene: Scene) => (scene.who === "another's" ? othersChat(scene) : `#${scene.group}`);

/** Those who are there whoever calls; alice and bob have a chat. */
async function othersFor({ given }: Stage): Promise<Others> {
  const [owner, alice, bob] = await given.users(3);
  await alice.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: SECRET });
  await bob.next({ type: 'RECEIVE_MESSAGE' });
  return { owner, alice, bob };
}

/** A new group of alice and its owner, and a new caller beside, in or behind it. */
async function sceneFor(who: Who, stage: Stage, others: Others): Promise<Scene> {
  const { given } = stage;
  const { alice, bob } = others;
  const caller = await (who === 'not logged in' ? given.aStranger() : given.aUser());
  const owner = who === 'owner' || who === 'former owner' ? caller : others.owner;
  const group = await given.aGroup(owner, alice);
  // The first message of the group is the caller's, where they may write; so they may change it.
  if (JOINS.has(who)) await caller.request({ type: 'join_group', group_id: group });
  const writer = JOINS.has(who) || caller === owner ? caller : alice;
  await writer.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'first' });
  if (who.startsWith('former')) await caller.request({ type: 'leave_group', group_id: group });
  if (who === 'removed member') {
    await owner.request({ type: 'remove_member', group_id: group, username: caller.name });
    await caller.next({ type: 'REMOVED' });
  }
  if (who === 'login expired') await expire(caller, stage);
  const about = who === 'logged in' ? unique('nowhere') : group;
  return { ...stage, who, caller, group: about, alice, bob, owner };
}

const JOINS: ReadonlySet<Who> = new Set([
  'member',
  'former member',
  'removed member',
  "another's",
  'login expired',
]);

/** Goes on by a token that expires in a second or two, and waits until it has. */
async function expire(caller: Client, { provider }: Stage): Promise<void> {
  const login = () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    return caller.request({ type: 'login', token: provider?.tokenOf({ sub: caller.name, exp }) });
  };
  // On a busy machine it may have expired on its way.
  while ((await login()).code === 'token_expired');
  while ((await caller.request({ type: 'list_chats' })).code !== 'session_expired');
}

/** What each command is answered with: `allowed`, or the code. Who changed something is asked nothing more, nor of that group. */
export async function outcomesFor(
  types: readonly string[],
  who: Who,
  stage: Stage,
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  const others = await othersFor(stage);
  let scene: Scene | undefined;
  for (const type of types) {
    scene ??= await sceneFor(who, stage, others);
    outcomes[type] = await outcomeIn(scene, type);
    if (outcomes[type] !== 'allowed' || LOOKS.includes(type)) continue;
    // Or it would be told what becomes of the next group, if it logged in as alice.
    await scene.caller.close();
    scene = undefined;
  }
  return outcomes;
}

async function outcomeIn(scene: Scene, type: string): Promise<string> {
  const cast = {
    user1: scene.owner.name,
    user2: scene.alice.name,
    user3: scene.bob.name,
    groupname1: scene.group,
  };
  const request = requests[type]?.(scene) ?? requestFor(type, cast);
  const reply = await scene.caller.request({ ...request, type });
  // What came of it at others' is not what is asked here. Of what was refused, nothing did.
  if (reply.code === undefined)
    for (const client of new Set([scene.alice, scene.bob, scene.owner, scene.caller])) await client.arrived();
  // Allowed or not: what two others said is in no reply.
  if (JSON.stringify(reply).includes(SECRET)) return 'TOLD WHAT OTHERS SAID';
  return reply.code ?? 'allowed';
}
