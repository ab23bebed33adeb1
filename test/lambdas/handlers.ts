import './env.ts';
import * as rows from '../../lambdas/routes.ts';
import { commandRoutes } from '../../lib/functions.ts';
import type { Command } from '../../protocol/index.ts';

const byName: Readonly<Record<string, () => { handler(): unknown }>> = rows;
const made = new Map<string, unknown>();

/** The handler of a row, made once, as an instance of its function does. */
export function handlerOf<N extends keyof typeof rows>(
  name: N,
): ReturnType<ReturnType<(typeof rows)[N]>['handler']> {
  if (!made.has(name)) made.set(name, byName[name]?.().handler());
  return made.get(name) as never;
}

/** The handler of a command's own function. */
export function commandHandler({ type }: Pick<Command, 'type'>) {
  const found = commandRoutes.find(({ route }) => route.command.type === type);
  if (found === undefined) throw new Error(`No row has ${type}`);
  // Each row of a command has the same kind of handler.
  return handlerOf(found.name as 'ping');
}
