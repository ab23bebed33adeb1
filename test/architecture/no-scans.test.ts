import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

// Reading a whole table, or needing more than one item to change at once, has no place in the design.
const FORBIDDEN =
  /\b(paginate)?Scan(Command|Input|Output)?\b|\bscan\(|dynamodb:Scan|Transact(Write|Get)|grantReadData/;

/** The lines of all files in a folder, each with its place. */
const linesIn = (folder: string) =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join(root, folder, file), 'utf8')
        .split('\n')
        .map((line, index) => `${folder}/${file}:${index + 1}: ${line.trim()}`),
    );

test.each(['protocol', 'chat', 'store', 'lambdas', 'lib'])(
  '%s scans no table and makes no transaction',
  (folder) => {
    const lines = linesIn(folder);
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => FORBIDDEN.test(line))).toEqual([]);
  },
);

test.each([
  `import { ScanCommand } from '@aws-sdk/client-dynamodb';`,
  `for await (const page of paginateScan(config, input)) {}`,
  `await dynamo.scan({ TableName });`,
  `actions: ['dynamodb:Scan'],`,
  `History: ['Query', 'Scan'],`,
  `new TransactWriteCommand(input)`,
  `tables.History.grantReadData(route.function);`,
])('the check finds a line like %s', (line) => {
  expect(line).toMatch(FORBIDDEN);
});
