/**
 * The database did not take a call, after all retries, and nothing was written by it. What a rule lets
 * through reaches the client as `busy`.
 */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/**
 * A write got no answer, or failed in a way that leaves open whether it took effect, then or later; or a part of what
 * was asked for is done, and the rest is not. It reaches the client as `outcome_unknown`: to ask again is safe.
 */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}
