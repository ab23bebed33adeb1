import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { outcomeOf, WHO } from './authorisation.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

/** The table: a command, and what it is answered with, column by column. */
const [, ...rows] = page
  .split('\n')
  .filter((line) => line.startsWith('| `') || line === `| command | ${WHO.join(' | ')} |`)
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, command = '', ...cells]) => [command, cells.slice(0, WHO.length)] as const);

test('the table is there', () => {
  expect(rows.length).toBeGreaterThan(15);
});

test.each(rows)('%s', async (command, expected) => {
  const outcomes = await Promise.all(WHO.map((who) => outcomeOf(command, who)));
  expect(Object.fromEntries(WHO.map((who, index) => [who, outcomes[index]]))).toEqual(
    Object.fromEntries(WHO.map((who, index) => [who, expected[index]])),
  );
});
