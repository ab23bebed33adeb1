import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = read('docs/operations.md');

// As text: its module exports no list of them.
test('docs/operations.md says of every metric what it counts', () => {
  const [, table = ''] = /const units = \{(.*?)\}/s.exec(read('lambdas/runtime/metric-names.ts')) ?? [];
  const metrics = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name ?? '');
  expect(metrics.length).toBeGreaterThan(10);
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const metric of metrics) {
    expect(
      rows.some((row) => row.split('|')[1]?.includes(`\`${metric}\``)),
      metric,
    ).toBe(true);
  }
});

test('docs/operations.md says of every alarm what to do', () => {
  const alarms = [...read('lib/alarms.ts').matchAll(/#add\('(\w+)'|#add\(`\$\{node\.id\}(\w+)`/g)];
  expect(alarms.length).toBeGreaterThan(8);
  for (const [, named, ofFunction] of alarms) {
    expect(page).toMatch(named ? `| \`${named}\` |` : `| \`…${ofFunction}\`, of each function |`);
  }
});
