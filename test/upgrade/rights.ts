import type { Grants } from '../../lambdas/runtime/grants.ts';
import { functionNames, grantsOf } from '../../lib/functions.ts';

/** What each function of this code may do. */
export const rights = (): Record<string, Grants> =>
  Object.fromEntries(functionNames.map((name) => [name, grantsOf(name)]));
