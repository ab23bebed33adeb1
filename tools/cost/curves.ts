import { billFor } from './bill.ts';
import type { Curve } from './chart.ts';
import { designsOf } from './designs.ts';
import type { Load } from './load.ts';
import type { Measures } from './measures.ts';

const USERS = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];

/** The cost of each design by the number of users, from the size of one group upwards. */
export function curvesOf(load: Load, measures: Measures, freeTier: boolean): Curve[] {
  const all = USERS.filter((users) => users >= load.members).map((users) => ({
    users,
    designs: designsOf({ ...load, users }, measures),
  }));
  const names = all[0]?.designs.map(({ name }) => name) ?? [];
  return names.map((name, at) => ({
    name,
    points: all.map(({ users, designs }) => ({
      users,
      dollars: billFor(designs[at]?.usage ?? {}, freeTier).dollars,
    })),
  }));
}
