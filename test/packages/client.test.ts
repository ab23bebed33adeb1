import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { build as buildPage } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { register } from '../../clients/sdk/chat.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { packed } from './packed.ts';

const { cloud } = await ownCloud();
const registered = (username: string) => register({ url: cloud.url, webSocket: WebSocket, username });
const run = promisify(execFile);

/** An empty project that has installed the packed client, and `ws` for Node 20. */
const project = await mkdtemp(join(tmpdir(), 'project-'));
const { tarball } = await packed('client', project);
await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
const npm = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
await run('npm', npm, { cwd: project, shell: process.platform === 'win32' });
for (const each of ['ws', '@types/ws', '@types/node', 'undici-types'])
  await cp(join('node_modules', each), join(project, 'node_modules', each), { recursive: true });

/** The README's examples: a first one that is whole, and what follows from it. */
const readme = await readFile('packages/client/README.md', 'utf8');
const [example = '', ...further] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

/** Writes a file of the project. @returns its path */
async function written(path: string, text: string): Promise<string> {
  const file = join(project, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** What the compiler says of sources, with plain options for ES2022 and the declarations of packages checked, too. */
async function complaintsOf(folder: string, files: Record<string, string>, more: object = {}) {
  for (const [name, text] of Object.entries(files)) await written(`${folder}/${name}`, text);
  const compilerOptions = {
    ...{ target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
    ...more,
  };
  const config = await written(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions }));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', config]).then(
    () => '',
    ({ stdout }) => stdout as string,
  );
}

const inNode = `import { connect, register, RequestError, type EditableChat, type Message, type Store } from '@parley-chat/client';
import { changes } from '@parley-chat/client/changes';
import { fileStore } from '@parley-chat/client/file-store';
import { profilesOf } from '@parley-chat/client/profiles';
import { memoryStore, storeOn } from '@parley-chat/client/store';
import { WebSocket } from 'ws';

const server = { url: 'ws://localhost:3001', webSocket: WebSocket };
export async function start(username: string, password: string): Promise<Message[]> {
  await register({ ...server, username, password }).catch((error: unknown) => {
    if (!(error instanceof RequestError && error.code === 'name_taken')) throw error;
  });
  const chat = connect({ ...server, username, password, store: fileStore('chat.store') });
  const users = await profilesOf(chat).users(['bob']);
  const { chats } = await chat.request({ type: 'list_chats' });
  console.log(users.get('bob')?.display_name, chats[0]?.unread);
  return chat.history({ user: 'bob' });
}
export function maybe(username?: string, getToken?: () => string, store?: Store, limit?: number) {
  return connect({ ...server, username, getToken, store }).history({ user: 'bob' }, { limit });
}
export function begin(username: string, isKept: boolean): EditableChat {
  const values = new Map<string, string>();
  const own: Store = storeOn({
    get: (key) => values.get(key),
    set: (key, value) => void (value === undefined ? values.delete(key) : values.set(key, value)),
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  });
  const chat = connect({ ...server, username, store: isKept ? own : memoryStore(), changes });
  chat.undo(chat.delete('bob', 7, 8_000).id);
  return chat;
}
`;

test('compiles strictly in Node, as ES modules and as CommonJS', async () => {
  expect(await complaintsOf('node', { 'index.mts': inNode, 'index.cts': inNode })).toBe('');
});

test("its README's first example compiles strictly for browsers", async () => {
  const browser = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] };
  expect(await complaintsOf('browser', { 'example.ts': example }, browser)).toBe('');
});

// What further examples have of the first, or of the app.
const known = `declare const connect: typeof import('@parley-chat/client').connect;
declare const chat: import('@parley-chat/client').Chat;
declare const url: string, username: string, password: string;
declare const auth: { currentUser(): Promise<{ idToken: string }> };
`;

test('so do its further examples in Node', async () => {
  const files = Object.fromEntries(further.map((code, index) => [`${index}.mts`, `${code}\nexport {};`]));
  expect(further.length).toBeGreaterThan(1);
  expect(await complaintsOf('further', { 'known.d.ts': known, ...files })).toBe('');
});

test('without `changes` there is nothing to edit with, as the compiler says', async () => {
  const wrong = `import { connect } from '@parley-chat/client';
connect({ url: 'ws://localhost' }).edit('bob', 7, 'better');
`;
  expect(await complaintsOf('without', { 'index.mts': wrong })).toContain("Property 'edit' does not exist");
});

test('a mistake does not compile', async () => {
  const wrong = `import { connect } from '@parley-chat/client';
connect({ url: 'ws://localhost' }).request({ type: 'mark_read', chat: 7 });
`;
  expect(await complaintsOf('wrong', { 'index.mts': wrong })).toContain('error TS2322');
});

test("the README's first example runs in Node", async () => {
  await registered('bob');
  const { code } = await transform(example.replace('ws://localhost:3001', cloud.url), { loader: 'ts' });
  const file = await written('example.mjs', code);
  // As Node 22 has it.
  const preload = await written('web-socket.mjs', `globalThis.WebSocket ??= (await import('ws')).WebSocket;`);
  const child = spawn(process.execPath, ['--import', pathToFileURL(preload).href, file]);
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => void lines.push(line));
  await expect.poll(() => lines).toEqual(expect.arrayContaining(['online undefined undefined', '1']));
  await expect.poll(() => lines).toContain('ann Hello!');
});

test.each([
  ['import', 'index.mjs', (name: string) => `await import('${name}')`],
  ['require', 'index.cjs', (name: string) => `require('${name}')`],
])('logs in and sends from a program that uses %s', async (kind, file, load) => {
  for (const name of [`by-${kind}`, `by-${kind}-2`]) await registered(name);
  const program = `const { connect } = ${load('@parley-chat/client')};
const { changes } = ${load('@parley-chat/client/changes')};
const { fileStore } = ${load('@parley-chat/client/file-store')};
const { profilesOf } = ${load('@parley-chat/client/profiles')};
const { WebSocket } = ${load('ws')};
const options = { url: '${cloud.url}', webSocket: WebSocket, store: fileStore('${kind}.store'), changes };
const chat = connect({ ...options, username: 'by-${kind}' });
const { seq } = await chat.send('by-${kind}-2', 'Hi').message;
const edit = await chat.edit('by-${kind}-2', seq, 'Hello').message;
const users = await profilesOf(chat).users(['by-${kind}']);
console.log(seq, edit.edits, users.size);
chat.close();
`;
  const wrapped = kind === 'import' ? program : `(async () => {\n${program}\n})();`;
  const path = await written(file, wrapped);
  const { stdout } = await run(process.execPath, [path], { cwd: project });
  expect(stdout).toBe('1 1 0\n');
});

test('Vite builds a page with it, in which there is nothing that the page does not use', async () => {
  await written('page/index.html', '<script type="module" src="./page.js"></script>');
  const page = `import { connect } from '@parley-chat/client';
connect({ url: 'ws://localhost' });`;
  await written('page/page.js', page);
  const built = await buildPage({ root: join(project, 'page'), logLevel: 'error', build: { write: false } });
  const [{ output }] = [built].flat() as unknown as [{ output: { type: string; code?: string }[] }];
  const code = output.map((each) => each.code ?? '').join('');
  expect(code).toContain('SEND_MESSAGE');
  // The browser's store.
  expect(code).not.toContain('localStorage');
  expect(code).not.toContain('edit_message');
});
