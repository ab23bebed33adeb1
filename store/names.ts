// Names: every user and every group, in one namespace.
//   key        name
//   claim      PutItem if there is none     register, create_group
//   get        GetItem                      whoever meets a name for the first time
import type { Name, Names } from '../chat/ports.ts';
import { getItem, type Item, putFirst, type Table } from './table.ts';

/** The names in a table. */
export function namesIn(table: Table): Names {
  return {
    claim: async (name) => (await putFirst(table, ['name'], { ...name })) as unknown as Name,
    get: async (name) => (await getItem(table, { name } satisfies Item)) as Name | undefined,
  };
}
