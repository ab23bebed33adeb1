import { areMet, type Context } from './conditions.ts';
import { glob } from './template/glob.ts';
import type { FunctionModel, Statement } from './template/model.ts';

/** What somebody wants to do. */
export interface Call {
  /** Like `dynamodb:PutItem`. */
  action: string;
  /** The ARN. */
  resource: string;
  /** What conditions are judged by. */
  context?: Context;
}

/** A right of one function, as a policy states it, or a call that none states. */
export interface Grant extends Pick<Call, 'action' | 'resource'> {
  /** The function's name. */
  function: string;
}

/** A right that was used, and a resource that it was used on. */
export interface Use extends Grant {
  on: string;
}

/** Who calls, as far as a verdict needs it. */
export type Identity = Pick<FunctionModel, 'name' | 'arn' | 'statements'>;

const states = ({ actions, resources, conditions = {} }: Statement, call: Call) =>
  (areMet(conditions, call.context ?? {}) ? actions : [])
    .filter((action) => pattern(action.toLowerCase()).test(call.action.toLowerCase()))
    .flatMap((action) =>
      resources
        .filter((resource) => pattern(resource).test(call.resource))
        .map((resource) => ({ action, resource })),
    );

/** The verdict of a role's statements: an explicit deny wins, and what nobody allows is denied. */
export function isAllowed(statements: readonly Statement[], call: Call): boolean {
  const matching = statements.filter((statement) => states(statement, call).length > 0);
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

const patterns = new Map<string, RegExp>();

function pattern(text: string): RegExp {
  const known = patterns.get(text) ?? glob(text);
  patterns.set(text, known);
  return known;
}

/** Judges calls by the roles' policies, and keeps what was used of them and what was asked in vain. */
export class Judge {
  readonly #used = new Map<string, Use>();
  readonly #denied = new Map<string, Grant>();

  /** @returns the first of the resources that the function may not do this to */
  denies(
    { name, statements }: Identity,
    { action, resources, context }: { action: string; resources: readonly string[]; context?: Context },
  ): string | undefined {
    for (const resource of resources) {
      const call = { action, resource, context };
      const allowed = isAllowed(statements, call);
      if (!allowed) {
        remember(this.#denied, { function: name, action, resource });
        return resource;
      }
      for (const stated of statements.flatMap((statement) => states(statement, call))) {
        remember(this.#used, { function: name, ...stated, on: resource });
      }
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

// Here functions write no log streams: what they print is taken from their standard output.
const NOT_JUDGED = /^logs:/;

/** Every right that the template gives: each action on each resource by itself. */
export const grantsOf = (functions: readonly Identity[]): Grant[] =>
  functions.flatMap(({ name, statements }) =>
    statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions
          .filter((action) => !NOT_JUDGED.test(action))
          .flatMap((action) => resources.map((resource) => ({ function: name, action, resource }))),
      ),
  );

/** The rights that nothing has used. */
export function unusedOf(granted: readonly Grant[], used: readonly Grant[]): Grant[] {
  const known = new Set(used.map(keyOf));
  return granted.filter((grant) => !known.has(keyOf(grant)));
}
