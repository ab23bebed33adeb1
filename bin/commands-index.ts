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
}

/** What is defined in a file; undefined if nothing is. */
function definitionIn(from: string): Definition | undefined {
  const text = readFileSync(new URL(from, folder), 'utf8');
  const [, name, type] = /export const (\w+) = defineCommand\(\{\s*type: '(\w+)'/.exec(text) ?? [];
  return name === undefined || type === undefined ? undefined : { name, type, from };
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
${all.map(({ name, from }) => `import { ${name}, example as ${name}Example } from './${from}';`).join('\n')}

/** Every message type that a client may send, in the order in which \`help\` and the docs list them. */
export const commands = [
${inOrder.map(({ name }) => `  ${name},`).join('\n')}
] as const;

/** Any one of them. */
export type Command = (typeof commands)[number];

/** A request and its reply, as the docs show them. No function needs these. */
export const examples: Readonly<Record<Command['type'], Example>> = {
${inOrder.map(({ name, type }) => `  ${type}: ${name}Example,`).join('\n')}
};

export {
${all.map(({ name }) => `  ${name},`).join('\n')}
};
`;
}
