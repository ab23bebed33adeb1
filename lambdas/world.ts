import type { World } from '../chat/ports.ts';

/** The clock, and ids that are unique. */
export const world: World = { now: () => Date.now(), newId: () => crypto.randomUUID() };
