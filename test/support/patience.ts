/** For clouds in which nothing may run out of time on a busy machine: a minute instead of ten seconds. */
export const PATIENCE = 6;
