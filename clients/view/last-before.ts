/** Ids of one form. */
interface Ids {
  /** In the service's order. */
  characters: string;
  /** Those that an id may begin with. */
  first: RegExp;
  most: number;
}

/** Of groups, and of users who registered. */
export const REGISTERED: Ids = {
  characters: '-.0123456789_abcdefghijklmnopqrstuvwxyz',
  first: /[0-9a-z]/,
  most: 32,
};
/** Of an identity provider's users. */
export const PROVIDED: Ids = {
  characters: Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join(''),
  first: /./,
  most: 128,
};

/** The last id before all that begin like this, as pages continue after an id; empty if these are the first of all. */
export function lastBefore(start: string, { characters, first, most }: Ids): string {
  const head = start.slice(0, -1);
  const last = start.at(-1) ?? '';
  const smaller = [...characters].filter((each) => each < last && (head !== '' || first.test(each))).at(-1);
  return smaller === undefined ? head : `${head}${smaller}`.padEnd(most, characters.at(-1));
}
