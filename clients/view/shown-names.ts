import { likenessOf } from './matching.ts';

/** What clients call their user, themselves, and who sends the service's own messages. */
export const [YOU, SYSTEM] = ['You', 'System'] as const;
const RESERVED = [YOU, SYSTEM, 'Parley'];
const reserved = new Set(RESERVED.map(likenessOf));

/** Whether a name or an id looks like one that clients use themselves. */
export const isReserved = (name: string): boolean => reserved.has(likenessOf(name));

/**
 * What users (`@ID`) and groups (`#ID`) are shown as. Everybody can be called anything: a name that looks like that of
 * another, or like another's id, has the id behind it.
 * @param given all who were ever shown, with their own names; empty for those without
 */
export function shownNames(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  // By what a name looks like: who is called so, or nobody's key if there are several.
  const called = new Map<string, string>();
  const call = (name: string, key: string) => {
    const likeness = likenessOf(name);
    called.set(likeness, (called.get(likeness) ?? key) === key ? key : '');
    return likeness;
  };
  for (const each of RESERVED) call(each, '');
  const likenesses = new Map<string, string>();
  for (const [key, name] of given) {
    call(key.slice(1), key);
    if (name !== '') likenesses.set(key, call(name, key));
  }
  const shown = new Map<string, string>();
  for (const [key, likeness] of likenesses) {
    // A name could end like one that shows whose it is.
    const isClear = called.get(likeness) === key && !likeness.endsWith(')');
    shown.set(key, `${given.get(key)}${isClear ? '' : ` (${key.replace(/^@/, '')})`}`);
  }
  return shown;
}
