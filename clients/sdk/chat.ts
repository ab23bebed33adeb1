export { connect } from './client.ts';
export type { Code } from './errors.ts';
export { isTransient, RequestError } from './errors.ts';
export { register } from './register.ts';
export type { KeyValueStore, Store } from './store.ts';
export type * from './types.ts';
