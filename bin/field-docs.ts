import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from '../protocol/index.ts';

const folder = new URL('../protocol/', import.meta.url);

type Docs = ReadonlyMap<string, string>;

/** What the comments of a definition say of its fields: name → sentence. */
export interface FieldDocs {
  request: Docs;
  reply: Docs;
  /** Of the objects that a list in the reply has. */
  parts: Docs;
}

// `/** … */`, then a field: its indentation tells what the field belongs to, as all code here is formatted.
const FIELD = /^( +)\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n +(\w+)[,:]/gm;
const [OBJECT, REQUEST, REPLY] = [2, 4, 6];

const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

const commentsIn = (text: string, indentation: number): [string, string][] =>
  [...text.matchAll(FIELD)].flatMap(([, spaces = '', comment = '', name = '']): [string, string][] =>
    spaces.length === indentation ? [[name, comment.replace(/\n +\*/g, '').trim()]] : [],
  );

/** The comments in fields that several definitions have in common. */
const commentsOf = (file: string, constant: string): [string, string][] => {
  const [block] = new RegExp(`^(?:export )?const ${constant} = \\{[^}]*\\}`, 'm').exec(read(file)) ?? [];
  if (block === undefined) throw new Error(`protocol/${file} has no ${constant}`);
  return commentsIn(block, OBJECT);
};

/** What is said of a command's fields, where anything is: in its own definition, or where several have it from. */
export function fieldDocsOf({ type }: Pick<Command, 'type'>): FieldDocs {
  const text = readdirSync(new URL('commands/', folder))
    .map((name) => read(`commands/${name}`))
    .find((each) => each.includes(`defineCommand({\n  type: '${type}',`));
  if (text === undefined) throw new Error(`No file in protocol/commands/ defines ${type}`);
  return {
    request: new Map([
      ...commentsOf('commands/sent.ts', 'sendFields'),
      ...commentsOf('fields.ts', 'position'),
      ...commentsIn(text, REQUEST),
    ]),
    reply: new Map([...commentsOf('fields.ts', 'session'), ...commentsIn(text, REPLY)]),
    parts: new Map(commentsIn(text, OBJECT)),
  };
}

/** What is said of the fields of a message. */
export const messageDocs = (): Docs => new Map(commentsOf('messages.ts', 'common'));
