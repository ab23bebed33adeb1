import { unknownIn } from '../conditions.ts';
import type { Value } from './intrinsics.ts';
import type { Conditions, Statement } from './model.ts';

type Properties = Record<string, Value>;

const asList = (value: Value | undefined): string[] =>
  (Array.isArray(value) ? value : [value ?? []].flat()).map(String);

const conditionsOf = (written: Record<string, Properties>): Conditions =>
  Object.fromEntries(
    Object.entries(written).map(([operator, byKey]) => [
      operator,
      Object.fromEntries(Object.entries(byKey).map(([key, wanted]) => [key, asList(wanted)])),
    ]),
  );

/**
 * The statements of a policy document.
 * @throws Error that names an unsupported element, which must not grant anything
 */
export const statementsOf = ({ Statement: written }: Properties): Statement[] =>
  ([written ?? []].flat() as Properties[]).map(
    ({ Effect, Action, Resource: on, Condition, Sid: _, ...others }) => {
      const conditions = conditionsOf((Condition ?? {}) as Record<string, Properties>);
      const effects = Effect === 'Allow' || Effect === 'Deny' ? [] : [`the effect ${Effect}`];
      const unknown = [...Object.keys(others), ...effects, ...unknownIn(conditions)];
      if (unknown.length > 0)
        throw new Error(`The local cloud does not support ${unknown.join(', ')} in a policy`);
      return {
        effect: Effect as Statement['effect'],
        actions: asList(Action),
        resources: asList(on),
        ...(Condition !== undefined && { conditions }),
      };
    },
  );
