import type { Chat, Options } from './types.ts';

export type { Code } from './errors.ts';
export { RequestError } from './errors.ts';
export type { Store } from './store.ts';
export { memoryStore } from './store.ts';
export type * from './types.ts';

/** Logs in, and stays so until `close` or `logout`. */
export function connect(options: Options): Chat {
  throw new Error(`Not there yet: ${options.url}`);
}

/** Registers a user. @throws RequestError `name_taken`, `invalid_name`, … */
export async function register(
  options: Pick<Options, 'url' | 'username' | 'password' | 'webSocket'>,
): Promise<void> {
  throw new Error(`Not there yet: ${options.url}`);
}
