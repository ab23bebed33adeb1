/**
 * A flag's `key=value`.
 * @throws Error if it is none
 */
export function pair(text: string): [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new Error(`-c ${text}: must be key=value`);
  return [key, value];
}
