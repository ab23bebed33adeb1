import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { privateChat } from '../../protocol/index.ts';
import { adminOf } from '../support/admin.ts';
import { assemblyIn } from '../support/assembly.ts';
import { type Client, connect } from '../support/client.ts';
import { startProvider } from '../support/provider.ts';

/** Ids of an identity provider, each of which something could take for another. */
const ids = [
  ...['auth0|Ann', 'auth0|ann', 'ann@example.com', 'a:b', 'a%3Ab', '#team', '%23team', 'team', 'Team'],
  ...['__proto__', 'constructor', 'x/y', `q"\\'`, '!a=5', '~z'],
] as const;
type Id = (typeof ids)[number];

const data = mkdtempSync(join(tmpdir(), 'parley-ids-'));
const provider = await startProvider('chat');
const assembly = assemblyIn({ jwtIssuer: provider.issuer, jwtAudience: 'chat' });
const cloud = await startCloud({ assembly, port: 0, data });
const run = adminOf(cloud);
afterAll(async () => {
  await Promise.all([...people.values()].map((client) => client.close()));
  await cloud.close();
  provider.close();
  rmSync(data, { recursive: true });
});

const people = new Map<string, Client>();
const person = (id: Id): Client => people.get(id) as Client;
const nextOf = (index: number): Id => ids[(index + 1) % ids.length] as Id;

async function loggedIn(id: Id, fields: object = {}): Promise<Client> {
  const client = await connect(cloud.url);
  const token = provider.tokenOf({ sub: id });
  expect(await client.request({ type: 'login', token, ...fields })).toMatchObject({ username: id });
  return client;
}

test('each user logs in with the id of their token', async () => {
  for (const id of ids) people.set(id, await loggedIn(id));
});

test('a message reaches only its recipient', async () => {
  for (const [index, sender] of ids.entries()) {
    const recipient = nextOf(index);
    const content = `${sender} to ${recipient}`;
    const reply = await person(sender).request({ type: 'SEND_MESSAGE', recipient, content });
    expect(reply).toMatchObject({ status: 'send_success', chat_id: privateChat(sender, recipient), seq: 1 });
    expect(await person(recipient).next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({
      ...{ sender, recipient, content, chat_id: privateChat(sender, recipient) },
    });
  }
  for (const [index, id] of ids.entries()) {
    const { chats } = (await person(id).request({ type: 'list_chats' })) as { chats?: { name: string }[] };
    const before = ids[(index + ids.length - 1) % ids.length] as Id;
    expect(chats?.map(({ name }) => name).sort()).toEqual([before, nextOf(index)].sort());
    // Each has its own log, by either way to name it.
    for (const chat of [{ recipient: nextOf(index) }, { chat: privateChat(id, nextOf(index)) }]) {
      const read = await person(id).request({ type: 'mark_read', ...chat });
      expect(read).toMatchObject({ chat_id: privateChat(id, nextOf(index)), seq: 1 });
    }
  }
});

test('a group with the name of a user is not that user, in either form', async () => {
  const owner = person('auth0|Ann');
  expect(await owner.request({ type: 'create_group', group_name: 'Team' })).toMatchObject({
    group_id: 'team',
  });
  for (const id of ids.slice(1))
    expect(await person(id).request({ type: 'join_group', group_id: 'team' })).toMatchObject({
      status: 'join_group_success',
    });
  await owner.request({ type: 'SEND_GROUP_MESSAGE', group_id: 'team', content: 'to all' });
  for (const id of ids.slice(1))
    expect(await person(id).next({ type: 'RECEIVE_GROUP_MESSAGE' })).toMatchObject({
      ...{ sender: 'auth0|Ann', group_id: 'team', content: 'to all', chat_id: '#team' },
    });
  const typist = await connect(cloud.url);
  expect(await typist.say(`login ${provider.tokenOf({ sub: 'auth0|Ann' })}`)).toBe('login_success');
  for (const recipient of ['team', '#team', 'Team', 'a:b'] as const) {
    expect(await typist.say(`send ${recipient} typed`)).toBe('send_success');
    expect(await person(recipient).next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({
      recipient,
      content: 'typed',
    });
  }
  await typist.close();
});

test('members are listed once each, page by page, and only the named one is removed', async () => {
  const owner = person('auth0|Ann');
  const listed: string[] = [];
  for (let next: object | undefined = {}; next; ) {
    const page = (await owner.request({ type: 'list_members', group_id: 'team', limit: 4, ...next })) as {
      members?: { username: string }[];
      next?: object;
    };
    listed.push(...(page.members ?? []).map(({ username }) => username));
    next = page.next;
  }
  expect(listed).toEqual([...ids].sort());
  for (const username of ['auth0|ann', '__proto__'] as const)
    expect(await owner.request({ type: 'remove_member', group_id: 'team', username })).toMatchObject({
      username,
    });
  const outcomes = [];
  for (const id of ['auth0|ann', '__proto__', 'constructor', '#team'] as const)
    outcomes.push((await person(id).request({ type: 'join_group', group_id: 'team' })).code);
  expect(outcomes).toEqual(['not_invited', 'not_invited', undefined, undefined]);
});

test('users who were away get their messages, with cursors and without', async () => {
  for (const id of ['__proto__', 'a%3Ab'] as const) {
    await person(id).request({ type: 'logout' });
    const sender = person('a:b');
    await sender.request({ type: 'SEND_MESSAGE', recipient: id, content: `for ${id}` });
    const chat = privateChat('a:b', id);
    const cursors = id === '__proto__' ? undefined : { [chat]: 0 };
    const client = await connect(cloud.url);
    const reply = await client.request({ type: 'login', token: provider.tokenOf({ sub: id }), cursors });
    const page = cursors ? await client.next({ type: 'sync_response' }) : undefined;
    const messages = (page?.messages ?? reply.pending_messages) as { chat_id: string; content: string }[];
    const own = messages.filter(({ chat_id }) => chat_id === chat);
    expect(own.at(-1)).toMatchObject({ content: `for ${id}`, chat_id: chat });
    await client.close();
  }
});

test('a backend acts as the user whose id it spells, and as nobody else', async () => {
  const call = async (whole: object) =>
    JSON.parse((await run.admin('call', JSON.stringify(whole))).said) as { chats?: object[]; code?: string };
  const chatsOf = async (id: string) => (await call({ as: id, request: { type: 'list_chats' } })).chats;
  expect(await chatsOf('auth0|ann')).not.toEqual(await chatsOf('auth0|Ann'));
  expect(await call({ as: 'AUTH0|ANN', request: { type: 'list_chats' } })).toMatchObject({
    code: 'unknown_recipient',
  });
  expect(await call({ request: { type: 'create_session', username: 'team' } })).toMatchObject({
    code: 'not_allowed',
  });
  expect(await call({ request: { type: 'create_user', username: 'auth0|New' } })).toMatchObject({
    created: true,
  });
});

test('an administrator erases only the named user, and sets no password of theirs', async () => {
  const admin = async (...flags: string[]) => (await run.admin(...flags)).said;
  const exported = async (id: string) =>
    JSON.parse(await admin('export', id)) as { messages: { content: string }[] };
  // One call each: `erase` makes more, which wait for calls under way (test/cloud/admin.test.ts).
  const erased = async (username: string) =>
    JSON.parse(await admin('call', JSON.stringify({ request: { type: 'delete_user', username } })));
  expect(await erased('auth0|ann')).toMatchObject({ username: 'auth0|ann', messages: 1, chats: 2 });
  expect(await erased('__proto__')).toMatchObject({ username: '__proto__', messages: 1, chats: 3 });
  expect(await admin('export', 'AUTH0|ANN')).toContain('There is no user AUTH0|ANN');
  expect(await admin('reset-password', 'auth0|Ann')).toContain('come from the identity provider');
  expect((await exported('auth0|ann')).messages).toMatchObject([{ content: '', deleted: true }]);
  const others = await exported('auth0|Ann');
  expect(others.messages.map(({ content }) => content)).toContain('auth0|Ann to auth0|ann');
});
