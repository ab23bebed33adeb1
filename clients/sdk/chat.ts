import { Client } from './client.ts';
import type { Chat, Options } from './types.ts';

export type { Code } from './errors.ts';
export { isTransient, RequestError } from './errors.ts';
export { register } from './register.ts';
export type { Store } from './store.ts';
export { memoryStore } from './store.ts';
export type * from './types.ts';

/** Logs in and reconnects until `close` or `logout`. @throws Error if the options are invalid */
export const connect = (options: Options): Chat => new Client(options);
