// A thread does not inherit the loader of TypeScript, so it starts by registering it.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
