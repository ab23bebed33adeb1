/** Context with a small page, so that a group of a few members already needs the queue. Shared, as each context costs a synthesis. */
export const SMALL_PAGE = { fanOutPageSize: '5' };
