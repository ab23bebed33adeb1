import type { Grants } from '../lambdas/runtime/grants.ts';
import { HASHING } from '../lambdas/runtime/route.ts';
import { commands } from '../protocol/index.ts';
import { commandRoutes, commandRoutesWithProvider, type FunctionName, grantsOf } from './functions.ts';

/** What the stack needs to know of a function. Plain data, so that the package has it without the service's code. */
export interface FunctionSpec {
  /** Its name in lambdas/routes.ts. */
  name: FunctionName;
  /** The route that it answers; a command's is its type. */
  key: string;
  /**
   * Whether the function's result is sent as the reply. If not, the route must have no route response: with one, API Gateway
   * sends an empty frame for an empty result (serverless/serverless #6816), as after a login.
   */
  repliesInBand: boolean;
  hashesPasswords: boolean;
  isSend: boolean;
  grants: Grants;
}

const ofCommand = ({ name, route }: (typeof commandRoutes)[number]): FunctionSpec => ({
  name,
  key: route.command.type,
  repliesInBand: route.repliesInBand,
  hashesPasswords: route.hashesPasswords !== undefined,
  isSend: route.isSend === true,
  grants: grantsOf(name),
});

const other = (key: string, name: FunctionName): FunctionSpec => ({
  name,
  key,
  repliesInBand: false,
  hashesPasswords: false,
  isSend: false,
  grants: grantsOf(name),
});

/** All functions that a deployment may have. */
export const specs = {
  /** The commands' functions, in the order of the commands: where users register, and where a provider has them. */
  commands: commandRoutes.map(ofCommand),
  commandsWithProvider: commandRoutesWithProvider.map(ofCommand),
  others: [other('$default', 'defaultRoute'), other('$disconnect', 'disconnect')],
  /** Checks origins. */
  connect: other('$connect', 'connect'),
  /** Answers no route, but the queue. */
  fanOut: other('fanOut', 'fanOut'),
  /** Answers no route, but the streams of tables. */
  events: other('events', 'events'),
  /** These two neither: backends invoke the one, which invokes the other. */
  api: other('api', 'serverApi'),
  operator: { ...other('operator', 'operator'), hashesPasswords: true },
  /** Those that a backend can use as a user. */
  asUser: commands.filter(({ notAsUser }) => notAsUser === undefined).map(({ type }) => type),
  /** How often each command that hashes passwords may come. */
  hashing: HASHING,
};
