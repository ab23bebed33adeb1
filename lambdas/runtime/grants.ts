/** The tables; lib/tables.ts has their keys, store/ what an item holds. */
export type TableName =
  | 'Directory'
  | 'Connections'
  | 'Inboxes'
  | 'Overflow'
  | 'Members'
  | 'Credentials'
  | 'Sessions'
  | 'RateLimits'
  | 'History';

/** What a function may do to a table; `by-user` is the index of Members. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Query by-user'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

/** What a function may do with the stage's connections: post to them, close them, see whether they are open. */
export type ConnectionAction = 'POST' | 'DELETE' | 'GET';

/** The rights of one function: single actions on single resources. lib/parley-stack.ts makes its role of them. */
export interface Grants {
  tables: Partial<Record<TableName, readonly TableAction[]>>;
  connections: readonly ConnectionAction[];
  /** To send to the queue of fan-outs. */
  fanOutQueue: boolean;
  /** To invoke the functions of the commands. */
  commandFunctions: boolean;
}

/** The variable that tells a function a table's physical name. */
export const tableVariable = (table: TableName): string => `${table.toUpperCase()}_TABLE`;

/** All rights of several, each once. */
export function union(all: readonly Partial<Grants>[]): Grants {
  const tables: Partial<Record<TableName, readonly TableAction[]>> = {};
  for (const [table, actions] of all.flatMap((each) => Object.entries(each.tables ?? {})))
    tables[table as TableName] = [...new Set([...(tables[table as TableName] ?? []), ...actions])];
  return {
    tables,
    connections: [...new Set(all.flatMap(({ connections = [] }) => connections))],
    fanOutQueue: all.some(({ fanOutQueue }) => fanOutQueue),
    commandFunctions: all.some(({ commandFunctions }) => commandFunctions),
  };
}
