import type * as ours from '../../cli/called.ts';

// In the package, this takes the place of cli/called.ts.

/** How to call a program, for its help and for what others say of it. */
export const called: typeof ours.called = (program, flags) =>
  ['npx parley-chat', program, ...(flags === undefined ? [] : [flags])].join(' ');
