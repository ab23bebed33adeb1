import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WHO } from '../support/request-for.ts';
import { outcomesFor } from './authorisation.ts';

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

test.each(WHO.map((who, column) => [who, column] as const))(
  '%s',
  { timeout: 300_000 },
  async (who, column) => {
    const expected = rows.map(([command, cells]) => [command, cells[column]]);
    const commands = rows.map(([command]) => command);
    expect(await outcomesFor(commands, who)).toEqual(Object.fromEntries(expected));
  },
);
