import { readdirSync, readFileSync } from 'node:fs';
import type { Command, OperatorCommand } from '../protocol/index.ts';

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

/** Comments of the shared fields that a part of a definition takes in: `...position`, or `fields: profileFields`. */
const commentsOfShared = (text: string, part: string): [string, string][] =>
  [...part.matchAll(/(?:\.\.\.|\bfields: )(\w+)/g)].flatMap(([, constant = '']) => {
    const [, file] =
      new RegExp(`^import \\{[^}]*\\b${constant}\\b[^}]*\\} from '(.*)';`, 'm').exec(text) ?? [];
    if (file === undefined) throw new Error(`${constant} is not imported, so its comments are not found`);
    return commentsOf(`commands/${file}`, constant);
  });

/** Comments of a command's fields, from its own definition and from the shared fields. */
export function fieldDocsOf({ type }: Pick<Command | OperatorCommand, 'type'>): FieldDocs {
  const text = readdirSync(new URL('commands/', folder))
    .map((name) => read(`commands/${name}`))
    .find((each) => each.includes(`defineCommand({\n  type: '${type}',`));
  if (text === undefined) throw new Error(`No file in protocol/commands/ defines ${type}`);
  const [, objects = '', fields = '', reply = ''] =
    /^([\s\S]*?)\n {2}fields: ([\s\S]*?)\n {2}reply: ([\s\S]*?)\n {2}(?:fail|repeated): /.exec(text) ?? [];
  const request = new Map([...commentsOfShared(text, `fields: ${fields}`), ...commentsIn(text, REQUEST)]);
  return {
    request,
    // What the request says already is not said again.
    reply: new Map([
      ...commentsOfShared(text, reply).filter(([field, comment]) => request.get(field) !== comment),
      ...commentsIn(text, REPLY),
    ]),
    parts: new Map([...commentsOfShared(text, objects), ...commentsIn(text, OBJECT)]),
  };
}

/** Comments of a message's fields. */
export const messageDocs = (): Docs => new Map(commentsOf('messages.ts', 'common'));
