import type { Statement } from './template/model.ts';
import { glob } from './template/read.ts';

/** What somebody wants to do. */
export interface Call {
  /** Like `dynamodb:PutItem`. */
  action: string;
  /** The ARN. */
  resource: string;
}

/** The verdict of a role's statements: an explicit deny wins, and what nobody allows is denied. */
export function isAllowed(statements: readonly Statement[], call: Call): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((action) => pattern(action.toLowerCase()).test(call.action.toLowerCase())) &&
      resources.some((resource) => pattern(resource).test(call.resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

const patterns = new Map<string, RegExp>();

function pattern(text: string): RegExp {
  const known = patterns.get(text) ?? glob(text);
  patterns.set(text, known);
  return known;
}
