import * as rows from '../lambdas/routes.ts';
import type { Grants } from '../lambdas/runtime/grants.ts';
import type { Route } from '../lambdas/runtime/route.ts';
import type * as protocol from '../protocol/index.ts';
import { type Command, commands } from '../protocol/index.ts';

/** A function, named after its row in lambdas/routes.ts. */
export type FunctionName = keyof typeof rows;

type Definitions = {
  [N in keyof typeof protocol as (typeof protocol)[N] extends Command ? N : never]: (typeof protocol)[N];
};

// Fails to compile if a definition has no row of its name, or a row for another command.
const commandRows: { [N in keyof Definitions]: () => Route<Definitions[N]> } = rows;

/** The function of a command. */
interface CommandRoute {
  name: FunctionName;
  route: Route;
}

const byProvider = { name: 'loginByToken', route: rows.loginByToken() as unknown as Route } as const;

/** The commands' functions, in the order of the commands. */
export const commandRoutes: readonly CommandRoute[] = (() => {
  const all = Object.entries(commandRows).map(([name, row]) => ({
    name: name as FunctionName,
    route: row() as unknown as Route,
  }));
  return commands.flatMap((command) =>
    all.filter(({ name, route }) => route.command === (command as Command) && name !== byProvider.name),
  );
})();

/** The same, as they are deployed where users come from an identity provider. */
export const commandRoutesWithProvider: readonly CommandRoute[] = commandRoutes.map((each) =>
  each.route.command === byProvider.route.command ? byProvider : each,
);

const byName: Readonly<Record<FunctionName, () => { grants: Grants }>> = rows;

/** A function's rights. */
export const grantsOf = (name: FunctionName): Grants => byName[name]().grants;

/** All functions, including those that are deployed only with certain settings. */
export const functionNames = Object.keys(rows) as readonly FunctionName[];
