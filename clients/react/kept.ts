/** Computes again only if an input is another one, so that what is derived stays the same object. */
export function kept<I extends readonly unknown[], R>(make: (...inputs: I) => R): (...inputs: I) => R {
  let last: { inputs: I; result: R } | undefined;
  return (...inputs) => {
    if (!last || !isSame(last.inputs, inputs)) last = { inputs, result: make(...inputs) };
    return last.result;
  };
}

/** The list of before, if the new one has the same elements. */
export const keptList = <T>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] =>
  before && isSame(before, now) ? before : now;

/** Whether both have the same fields. */
export function isAlike<T extends object>(one: T | undefined, other: T | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [first, second] = [Object.entries(one), Object.entries(other)];
  return (
    first.length === second.length && first.every(([key, value]) => Object.is(value, other[key as keyof T]))
  );
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, index) => Object.is(each, other[index]));
