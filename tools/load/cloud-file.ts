/** The program that `cloud.ts` is. */
export const cloudFile = new URL('./cloud.ts', import.meta.url);
