import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../protocol/commands/', import.meta.url);
const file = new URL('index.ts', folder);

const HEAD = `// Written by \`npm run docs\` from the definitions in this folder. A new one goes to the end of the list of commands: move
// it to where \`help\` and the docs should show it. The rest of this file is not for editing.
`;

interface Definition {
  name: string;
  type: string;
  from: string;
  /** It also defines events that it causes. */
  hasEvents: boolean;
}

/** What is defined in a file; undefined if nothing is. */
function definitionIn(from: string): Definition | undefined {
  const text = readFileSync(new URL(from, folder), 'utf8');
  const [, name, type] = /export const (\w+) = defineCommand\(\{\s*type: '(\w+)'/.exec(text) ?? [];
  if (name === undefined || type === undefined) return undefined;
  return { name, type, from, hasEvents: /^export const events = /m.test(text) };
}

/** The names in the list as it is, in its order. */
function listed(): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, list = ''] = /export const commands = \[([^\]]*)\]/.exec(text) ?? [];
  return list.match(/\w+/g) ?? [];
}

/** `protocol/commands/index.ts`, whole: every definition in the folder, in the order of the list as it is. */
export function commandsIndex(): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  const all = files.toSorted().flatMap((name) => definitionIn(name) ?? []);
  const order = listed();
  const place = ({ name }: Definition) => (order.includes(name) ? order.indexOf(name) : order.length);
  const inOrder = all.toSorted((one, other) => place(one) - place(other));
  return `${HEAD}import type { Example } from '../command.ts';
${all.map(importOf).join('\n')}

/** Every message type that a client may send, in the order in which \`help\` and the docs list them. */
export const commands = [
${inOrder.map(({ name }) => `  ${name},`).join('\n')}
] as const;

/** Any one of them. */
export type Command = (typeof commands)[number];

/** Pushes to users who are online. They are stored for nobody: clients that were away ask \`list_chats\` or \`list_members\`. */
// Pure to the bundler, so that no function carries them.
export const events = /* @__PURE__ */ (() =>
  ({
${inOrder.flatMap(({ name, hasEvents }) => (hasEvents ? [`    ...${name}Events,`] : [])).join('\n')}
  }) as const)();

/** What the docs say of each. No function needs these. */
export const examples: Readonly<Record<Command['type'], Example>> = {
${inOrder.map(({ name, type }) => `  ${type}: ${name}Example,`).join('\n')}
};

export {
${all.map(({ name }) => `  ${name},`).join('\n')}
};
`;
}

function importOf({ name, from, hasEvents }: Definition): string {
  const events = hasEvents ? [`events as ${name}Events`] : [];
  const all = [name, `example as ${name}Example`, ...events].toSorted((one, other) => (one < other ? -1 : 1));
  return `import { ${all.join(', ')} } from './${from}';`;
}
