import type { Cloud } from '../../local/cloud.ts';

/** What something made the service do. */
export interface Cost {
  /** Calls to DynamoDB. */
  requests: number;
  writes: number;
  reads: number;
  /** Frames posted to connections, and looks at connections. */
  posts: number;
}

/** Counts at the engine what `action` costs. Nothing else may be going on, but for the farewells of who left before. */
export async function costOf(cloud: Cloud, action: () => Promise<unknown>): Promise<Cost> {
  await cloud.resetCounts();
  await action();
  return countedSince(cloud);
}

/** What it has cost since the counts were reset. */
export async function countedSince(cloud: Cloud): Promise<Cost> {
  const { calls: all, posts, looks } = await cloud.counts();
  const calls = all.filter(({ caller }) => !caller.startsWith('Disconnect'));
  const sum = (pick: (call: (typeof calls)[number]) => number) =>
    calls.reduce((total, call) => total + pick(call), 0);
  return {
    requests: sum((call) => call.requests),
    writes: sum((call) => call.write),
    reads: sum((call) => call.read),
    posts: Object.values(posts).reduce((total, count) => total + count, looks),
  };
}
