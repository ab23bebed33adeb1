/** Context in which a group of a few is a large one, and the queue has work to do. One for all: each costs a synthesis. */
export const SMALL_SHARE = { fanOutShare: '5' };
