/**
 * The database refused a call after all retries, and nothing was written. The client gets `busy`.
 */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/**
 * The outcome of a write is unknown: it may have taken effect, or may do so later, or a request is only partly done. The
 * client gets `outcome_unknown` and can safely repeat the request.
 */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}
