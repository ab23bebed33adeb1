import * as rows from '../lambdas/routes.ts';
import type { Grants } from '../lambdas/runtime/grants.ts';
import type { Route } from '../lambdas/runtime/route.ts';
import type * as protocol from '../protocol/index.ts';
import { type Command, commands } from '../protocol/index.ts';

/** A function, by its row's name in lambdas/routes.ts. */
export type FunctionName = keyof typeof rows;

type Definitions = {
  [N in keyof typeof protocol as (typeof protocol)[N] extends Command ? N : never]: (typeof protocol)[N];
};

// Does not compile if a definition has no row of its name, or one that is another's.
const commandRows: { [N in keyof Definitions]: () => Route<Definitions[N]> } = rows;

/** The functions of the commands, in the commands' order. */
export const commandRoutes: readonly { name: FunctionName; route: Route }[] = (() => {
  const all = Object.entries(commandRows).map(([name, row]) => ({
    name: name as FunctionName,
    route: row() as unknown as Route,
  }));
  return commands.flatMap((command) => all.filter(({ route }) => route.command === (command as Command)));
})();

const byName: Readonly<Record<FunctionName, () => { grants: Grants }>> = rows;

/** What a function may do. */
export const grantsOf = (name: FunctionName): Grants => byName[name]().grants;

/** All functions, those among them that only a setting asks for. */
export const functionNames = Object.keys(rows) as readonly FunctionName[];
