// What `npm run bench:posts` bundles as functions are.
export { gateway } from '../lambdas/ports.ts';
