/** The tables. lib/tables.ts defines their keys, store/ their items. */
export type TableName =
  | 'Directory'
  | 'Connections'
  | 'Inboxes'
  | 'Overflow'
  | 'Members'
  | 'Invitations'
  | 'Credentials'
  | 'Profiles'
  | 'Sessions'
  | 'RateLimits'
  | 'History';

/** The actions that a function may perform on a table. `by-user` is the index of Members, `by-group` that of Invitations. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Query by-user'
  | 'Query by-group'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'Scan';

/** The actions on the stage's connections: post a frame, close, check whether it is open. */
export type ConnectionAction = 'POST' | 'DELETE' | 'GET';

/** The rights of one function: single actions on single resources. lib/parley.ts creates its role from them. */
export interface Grants {
  tables: Partial<Record<TableName, readonly TableAction[]>>;
  connections: readonly ConnectionAction[];
  /** May send to the fan-out queue. */
  fanOutQueue: boolean;
  /** May invoke the functions of clients' commands, or of all. */
  commandFunctions: false | 'of clients' | 'all';
  /** May put events on the bus, if there is one. */
  eventBus: boolean;
  /** May invoke the operator's function that is asked before messages are stored, if there is one. */
  beforeSend: boolean;
}

/** The environment variable with a table's physical name. */
export const tableVariable = (table: TableName): string => `${table.toUpperCase()}_TABLE`;

/** The union of several grants. */
export function union(all: readonly Partial<Grants>[]): Grants {
  const tables: Partial<Record<TableName, readonly TableAction[]>> = {};
  for (const [table, actions] of all.flatMap((each) => Object.entries(each.tables ?? {})))
    tables[table as TableName] = [...new Set([...(tables[table as TableName] ?? []), ...actions])];
  return {
    tables,
    connections: [...new Set(all.flatMap(({ connections = [] }) => connections))],
    fanOutQueue: all.some(({ fanOutQueue }) => fanOutQueue),
    commandFunctions: all.find(({ commandFunctions }) => commandFunctions)?.commandFunctions ?? false,
    eventBus: all.some(({ eventBus }) => eventBus),
    beforeSend: all.some(({ beforeSend }) => beforeSend),
  };
}
