// The service's gateway client, which `npm run bench:posts` bundles like the functions.
import { gateway as port } from '../../lambdas/runtime/ports.ts';

export const gateway = port('POST').make();
