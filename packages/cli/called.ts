// In the package, this takes the place of cli/called.ts.

/** How to call a program, for its help and for what others say of it. */
export const called = (program: string, flags?: string): string =>
  ['npx parley-chat', program, ...(flags === undefined ? [] : [flags])].join(' ');
