/**
 * A variable of the environment. Read only while a handler is made: lib/ imports routes.ts where there is none.
 * @throws Error if it is missing: then nothing of this function can be right
 */
export function env(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`The environment lacks ${variable}`);
  return value;
}
