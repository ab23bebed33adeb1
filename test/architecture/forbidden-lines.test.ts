import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The lines of all files in a folder, each with its place. */
const linesIn = (folder: string) =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join(root, folder, file), 'utf8')
        .split('\n')
        .map((line, index) => `${folder}/${file}:${index + 1}: ${line.trim()}`),
    );

describe.each([
  {
    // Reading a whole table, or needing more than one item to change at once, has no place in the design. The operator reads some
    // whole to export or delete a user, who may have written in any chat.
    rule: 'scans no table and makes no transaction, but for the operator',
    folders: ['protocol', 'chat', 'store', 'lambdas', 'lib'],
    // The port, which the row of the operator's function alone has (test/lib/grants.test.ts), and what it takes.
    but: /^store\/(scans|documents)\.ts:|^lambdas\/runtime\/(grants|ports)\.ts:/,
    forbidden:
      /\b(paginate)?Scan(Command|Input|Output)?\b|\bscan\(|dynamodb:Scan|Transact(Write|Get)|grantReadData/,
    examples: [
      `import { ScanCommand } from '@aws-sdk/client-dynamodb';`,
      `for await (const page of paginateScan(config, input)) {}`,
      `await dynamo.scan({ TableName });`,
      `actions: ['dynamodb:Scan'],`,
      `History: ['Query', 'Scan'],`,
      `new TransactWriteCommand(input)`,
      `tables.History.grantReadData(route.function);`,
    ],
  },
  {
    // Rules hand a form on: what it means is known where frames are read (lambdas/) and written (protocol/).
    rule: 'does not look at the form of a frame, JSON or text',
    folders: ['chat'],
    forbidden: /\bform\s*([!=]==?|\?)|[!=]==? '(json|text)'|form: '(json|text)'/,
    examples: [
      `if (caller.form === 'text') return undefined;`,
      `const frames = form == JSON_FORM ? jsonFrames : textFrames;`,
      `return form ? one : other;`,
      `const NOT_IN_INBOX = { form: 'json' } as const;`,
    ],
  },
])('$rule', ({ folders, forbidden, but = /^$/, examples }) => {
  test.each(folders)('in %s', (folder) => {
    const lines = linesIn(folder);
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => forbidden.test(line) && !but.test(line))).toEqual([]);
  });

  test.each(examples)('and the check finds a line like %s', (line) => {
    expect(line).toMatch(forbidden);
  });
});
