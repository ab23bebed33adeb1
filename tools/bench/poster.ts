// What `npm run bench:posts` bundles as functions are.
import { gateway as port } from '../../lambdas/runtime/ports.ts';

export const gateway = port('POST').make();
