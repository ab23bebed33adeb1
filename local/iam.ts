import { areMet, type Context } from './conditions.ts';
import { glob } from './template/glob.ts';
import type { FunctionModel, Statement } from './template/model.ts';

/** A request to be authorized. */
export interface Call {
  /** An action like `dynamodb:PutItem`. */
  action: string;
  /** The ARN. */
  resource: string;
  /** Values for the policy's conditions. */
  context?: Context;
}

/** An action on a resource, as a policy states it. */
type Right = Pick<Call, 'action' | 'resource'>;

/** A right of one function, or a call that no right covers. */
export interface Grant extends Right {
  /** The function's name. */
  function: string;
}

/** A right that was used, and a resource that it was used on. */
export interface Use extends Grant {
  on: string;
}

/** The properties of a caller that a verdict needs. */
export type Identity = Pick<FunctionModel, 'name' | 'arn' | 'statements'>;

const known = new WeakMap<Statement, Map<string, readonly string[]>>();

/** A statement's patterns for this action, cached since the same few actions recur. */
function patternsOf(statement: Statement, action: string): readonly string[] {
  const byAction = known.get(statement) ?? new Map<string, readonly string[]>();
  known.set(statement, byAction);
  const found =
    byAction.get(action) ??
    statement.actions.filter((pattern) => glob(pattern.toLowerCase()).test(action.toLowerCase()));
  byAction.set(action, found);
  return found;
}

/** Whether a statement applies to a call. */
function states(statement: Statement, call: Call): Right[] {
  const { resources, conditions = {} } = statement;
  const stated = patternsOf(statement, call.action);
  if (stated.length === 0 || !areMet(conditions, call.context ?? {})) return [];
  const on = resources.filter((resource) => glob(resource).test(call.resource));
  return stated.flatMap((action) => on.map((resource) => ({ action, resource })));
}

/** The verdict of a role's statements: an explicit deny wins, and the default is to deny. */
export const isAllowed = (statements: readonly Statement[], call: Call): boolean =>
  rightsTo(statements, call) !== undefined;

/** @returns the part of the statements that allows the call; undefined if it is denied */
function rightsTo(statements: readonly Statement[], call: Call): Right[] | undefined {
  const matching = statements
    .map((statement) => ({ effect: statement.effect, rights: states(statement, call) }))
    .filter(({ rights }) => rights.length > 0);
  const allowed = matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
  return allowed ? matching.flatMap(({ rights }) => rights) : undefined;
}

/** Authorizes calls by the roles' policies, and records which rights were used and which calls were denied. */
export class Permissions {
  readonly #used = new Map<string, Use>();
  readonly #denied = new Map<string, Grant>();

  /** @returns the first of the resources on which the function may not do this */
  denies(
    { name, statements }: Identity,
    { action, resources, context }: { action: string; resources: readonly string[]; context?: Context },
  ): string | undefined {
    for (const resource of resources) {
      const rights = rightsTo(statements, { action, resource, context });
      if (rights === undefined) {
        remember(this.#denied, { function: name, action, resource });
        return resource;
      }
      for (const right of rights) remember(this.#used, { function: name, ...right, on: resource });
    }
    return undefined;
  }

  get used(): Use[] {
    return [...this.#used.values()];
  }

  get denied(): Grant[] {
    return [...this.#denied.values()];
  }
}

function remember<G extends Grant>(grants: Map<string, G>, grant: G): void {
  grants.set(keyOf(grant), grant);
}

const keyOf = (grant: Grant): string => `${grant.function} ${grant.action} ${grant.resource}`;

// The local cloud reads the functions' standard output, so they write no log streams here.
const NOT_CHECKED = /^logs:/;

/** Every right that the template grants, one for each action and resource. */
export const grantsOf = (functions: readonly Identity[]): Grant[] =>
  functions.flatMap(({ name, statements }) =>
    statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions
          .filter((action) => !NOT_CHECKED.test(action))
          .flatMap((action) => resources.map((resource) => ({ function: name, action, resource }))),
      ),
  );

/** The rights that were never used. */
export function unusedOf(granted: readonly Grant[], used: readonly Grant[]): Grant[] {
  const known = new Set(used.map(keyOf));
  return granted.filter((grant) => !known.has(keyOf(grant)));
}
