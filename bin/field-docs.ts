import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from '../protocol/index.ts';

const folder = new URL('../protocol/', import.meta.url);

type Docs = ReadonlyMap<string, string>;

/** What the comments of a definition say about its fields: name → sentence. */
export interface FieldDocs {
  request: Docs;
  reply: Docs;
  /** Fields of the objects in the reply's lists. */
  parts: Docs;
}

// `/** … */`, then a field. The formatter guarantees the indentation, which tells what the field belongs to.
const FIELD = /^( +)\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n +(\w+)[,:]/gm;
const [OBJECT, REQUEST, REPLY] = [2, 4, 6];

const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

const commentsIn = (text: string, indentation: number): [string, string][] =>
  [...text.matchAll(FIELD)].flatMap(([, spaces = '', comment = '', name = '']): [string, string][] =>
    spaces.length === indentation ? [[name, comment.replace(/\n +\*/g, '').trim()]] : [],
  );

/** Comments of fields that several definitions share. */
const commentsOf = (file: string, constant: string): [string, string][] => {
  const [block] = new RegExp(`^(?:export )?const ${constant} = \\{[^}]*\\}`, 'm').exec(read(file)) ?? [];
  if (block === undefined) throw new Error(`protocol/${file} has no ${constant}`);
  return commentsIn(block, OBJECT);
};

/** Comments of a command's fields, from its own definition and from the shared fields. */
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

/** Comments of a message's fields. */
export const messageDocs = (): Docs => new Map(commentsOf('messages.ts', 'common'));
