/**
 * Returns an environment variable. Call it only while a handler is created: lib/ imports routes.ts without the variables.
 * @throws Error if it is missing
 */
export function env(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`The environment lacks ${variable}`);
  return value;
}
