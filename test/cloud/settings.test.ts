import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { optionsOf } from '../../clients/server/local.ts';
import { serverApi } from '../../clients/server/server-api.ts';
import { settings } from '../../lib/settings.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readTemplate } from '../../local/template/read.ts';
import { Client } from '../support/client.ts';
import { type Context, combined, contextOf, single } from '../support/contexts.ts';
import { unique } from '../support/given.ts';
import { PATIENCE } from '../support/patience.ts';
import { startProvider } from '../support/provider.ts';
import { synthesize } from '../support/synthesize.ts';

// Every setting by itself: synthesized and looked at. Then together: booted, and chatted through.

const { jwtIssuer = '', jwtAudience = '', jwksUri = '' } = contextOf('jwtIssuer');
const provider = await startProvider(jwtAudience, { issuer: jwtIssuer });
afterAll(() => provider.close());

/** Long enough for every sample of `passwordLength`. */
const PASSWORD = 'a long enough password';

interface Template {
  Resources: Record<string, { Type: string; DependsOn?: string[]; Properties: Record<string, unknown> }>;
}

/** The synthesized system. The samples' keys of an issuer are nowhere: those of a provider that is here take their place. */
function assemblyOf(context: Context): { folder: string; template: Template } {
  const { folder, remove } = synthesize(context);
  onTestFinished(remove);
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.template.json')) ?? '');
  const text = readFileSync(file, 'utf8').replaceAll(jwksUri, provider.jwksUri);
  writeFileSync(file, text);
  return { folder, template: JSON.parse(text) };
}

/** The ids of all that a resource comes after, by whatever way. */
function comesAfter({ Resources }: Template, id: string, found = new Set<string>()): Set<string> {
  const { DependsOn = [], Properties } = Resources[id] ?? { Properties: {} };
  const text = JSON.stringify(Properties ?? {});
  const named = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)].map(([, ref, att]) => ref ?? att);
  for (const next of [...DependsOn, ...named]) {
    if (next === undefined || Resources[next] === undefined || found.has(next)) continue;
    found.add(next);
    comesAfter({ Resources }, next, found);
  }
  return found;
}

// What a client can reach, by a socket or by what a socket puts into the queue. A mapping of a domain comes after the stage.
const REACHED =
  /^AWS::(ApiGatewayV2::(Route|RouteResponse|Integration)|Lambda::(Permission|EventSourceMapping|Function)|IAM::Role|DynamoDB::GlobalTable)$/;

function expectStageLast(template: Template): void {
  const entries = Object.entries(template.Resources);
  const idsOf = (type: string) => entries.filter(([, { Type }]) => Type === type).map(([id]) => id);
  const [stage = ''] = idsOf('AWS::ApiGatewayV2::Stage');
  const before = comesAfter(template, stage);
  // No client reaches the function that copies the page's files, nor the server API: a backend does, which asks again.
  const reached = entries.filter(
    ([id, { Type }]) => REACHED.test(Type) && !/^(Custom|Web|ServerApi|Operator)/.test(id),
  );
  expect(reached.map(([id]) => id).filter((id) => !before.has(id))).toEqual([]);
  for (const mapping of idsOf('AWS::ApiGatewayV2::ApiMapping'))
    expect(comesAfter(template, mapping)).toContain(stage);
}

/**
 * What a function reads of its environment when it starts, it has: a variable that it lacks ends it. What it loads later,
 * it may never need.
 */
function expectWholeEnvironments(folder: string): void {
  const { functions } = readTemplate(folder, 'http://localhost');
  const known = new Set(functions.flatMap(({ environment }) => Object.keys(environment)));
  for (const { name, folder: code, environment } of functions) {
    const file = join(code, 'index.mjs');
    // The CDK's own are in other languages.
    const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const read = [...source.matchAll(/\("([A-Z][A-Z_]+)"\)/g)].map(([, variable = '']) => variable);
    const lacking = read.filter((variable) => known.has(variable) && !environment[variable]);
    expect(lacking, name).toEqual([]);
  }
}

interface Person {
  name: string;
  client: Client;
}

/** Opens a connection from a page that may. */
async function open(url: string, { allowedOrigins: origin }: Context): Promise<Client> {
  const socket = new WebSocket(url, { ...(origin && { origin }) });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return new Client(socket);
}

/** A new user, logged in. */
async function enter({ url, invoker: backend }: Cloud, context: Context): Promise<Person> {
  const name = unique('user');
  const client = await open(url, context);
  onTestFinished(() => client.close());
  const needs = context.passwords === 'required' || context.stage === 'prod' || context.passwordLength;
  const password = needs ? PASSWORD : undefined;
  if (context.registration === 'closed') {
    expect(await client.request({ type: 'register', username: name, password })).toMatchObject({
      code: 'not_allowed',
    });
    const api = serverApi(optionsOf(backend('ApiFunction')));
    onTestFinished(() => api.close());
    await api.request({ type: 'create_user', username: name, password });
  } else if (!context.jwtIssuer) {
    const registered = await client.request({ type: 'register', username: name, password });
    expect(registered).toHaveProperty('status', 'register_success');
  }
  const claim = context.usernameClaim ?? settings.usernameClaim.default;
  const credentials = context.jwtIssuer
    ? { token: provider.tokenOf({ [claim]: name }) }
    : { username: name, password };
  const login = await client.request({ type: 'login', ...credentials });
  expect(login).toMatchObject({ status: 'login_success', username: name });
  return { name, client };
}

/** Everything that people do first; in a group, too, where the setting is about groups. */
async function chat(cloud: Cloud, context: Context): Promise<void> {
  const { url } = cloud;
  const [ann, bob] = [await enter(cloud, context), await enter(cloud, context)];
  await expectMessage(ann, bob, 'hello');
  const history = await bob.client.request({ type: 'fetch_history', recipient: ann.name });
  expect(history.messages).toMatchObject([{ sender: ann.name, content: 'hello' }]);
  if (context.fanOutPageSize) await chatInGroup([ann, bob, await enter(cloud, context)], context);
  if (!context.allowedOrigins) return;
  await expectOrigins(url);
  // Some gateways take such a frame to the route of a handshake.
  expect(await bob.client.request({ type: '$connect' })).toHaveProperty('code', 'unknown_type');
  await expectMessage(ann, bob, 'still there?');
}

/** The page that `npm start` serves may connect; another page of this machine may not. */
async function expectOrigins(url: string): Promise<void> {
  const { port } = new URL(url);
  const ours = await open(url, { allowedOrigins: `http://localhost:${port}` });
  expect(await ours.request({ type: 'ping' })).toHaveProperty('type', 'pong');
  await ours.close();
  const other = open(url, { allowedOrigins: `http://localhost:${Number(port) + 1}` });
  await expect(other).rejects.toThrow('403');
}

async function expectMessage(from: Person, to: Person, content: string): Promise<void> {
  const sent = await from.client.request({ type: 'SEND_MESSAGE', recipient: to.name, content });
  expect(sent).toHaveProperty('status', 'send_success');
  expect(await to.client.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: from.name, content });
}

async function chatInGroup([ann, ...others]: [Person, ...Person[]], context: Context): Promise<void> {
  const group = unique('group');
  await ann.client.request({ type: 'create_group', group_name: group });
  for (const { client } of others) {
    const joined = await client.request({ type: 'join_group', group_id: group });
    expect(joined).toHaveProperty('status', 'join_group_success');
  }
  const told = await ann.client.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'all' });
  expect(told).toHaveProperty('status', 'send_success');
  for (const { client } of others)
    expect(await client.next({ type: 'RECEIVE_GROUP_MESSAGE' })).toMatchObject({ content: 'all' });
  if (context.batchWindow) await chatQuickly(ann, others, group);
}

/** Messages in quick succession come together to a client that takes batches, and one by one to another; each once. */
async function chatQuickly(ann: Person, [one, other]: Person[], group: string): Promise<void> {
  if (!one || !other) throw new Error('Two must read.');
  await one.client.request({ type: 'login', username: one.name, batches: true });
  const together: number[][] = [];
  // On a machine that is busy enough they may not come in quick succession.
  for (let sent = 0; !together.some(({ length }) => length > 1); ) {
    const contents = ['one', 'two', 'three', 'four'];
    const say = (content: string) =>
      ann.client.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content });
    await Promise.all(contents.map(say));
    sent += contents.length;
    expect(sent).toBeLessThan(200);
    while (together.flat().length < sent) {
      const { messages, seq } = await one.client.next({});
      together.push(messages?.map((each) => each.seq) ?? [Number(seq)]);
    }
  }
  for (const seqs of together) expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  const seqs = together.flat();
  const singly: number[] = [];
  while (singly.length < seqs.length)
    singly.push(Number((await other.client.next({ type: 'RECEIVE_GROUP_MESSAGE' })).seq));
  for (const got of [seqs, singly])
    expect(got.toSorted((a, b) => a - b)).toEqual(seqs.map((_, index) => index + 2));
}

/** What every assembly must have. @returns its folder */
function assemblyThatHolds(context: Context): string {
  const { folder, template } = assemblyOf(context);
  expectStageLast(template);
  expectWholeEnvironments(folder);
  return folder;
}

const titled = (contexts: readonly Context[]) =>
  contexts.map((context) => [JSON.stringify(context), context] as const);

test.each(titled(single))('with %s, the stage is complete as soon as it starts', (_, context) => {
  assemblyThatHolds(context);
});

test('every setting is in a service that is tried', () => {
  const tried = new Set(combined.flatMap(Object.keys));
  expect(single.flatMap(Object.keys).filter((name) => !tried.has(name))).toEqual([]);
});

test.each(titled(combined))('with %s, people chat', async (_, context) => {
  const complaints: string[] = [];
  const log = ({ line }: { line: string }) =>
    void (line.includes('"level":"error"') && complaints.push(line));
  const cloud = await startCloud({ assembly: assemblyThatHolds(context), port: 0, patience: PATIENCE, log });
  onTestFinished(() => cloud.close());
  await chat(cloud, context);
  expect((await cloud.grants()).denied).toEqual([]);
  expect(complaints).toEqual([]);
});
