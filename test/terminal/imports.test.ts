import { expect, test } from 'vitest';
import { brokenRules } from '../architecture/lint.ts';

const use = (module: string) => `import { a } from '${module}';\nconsole.log(a);`;

test('the terminal is built on the client, and on the types of the protocol, and on nothing else of ours', () => {
  const strangers = ['chat', 'store', 'lambdas', 'lib', 'local', 'web', 'bin', 'bench', 'test'];
  const refused = strangers.map((folder) => ({ path: 'terminal/a.ts', code: use(`../${folder}/index.ts`) }));
  const accepted = [
    use('../client/chat.ts'),
    `import type { Command } from '../protocol/index.ts';\nexport const a = (b: Command) => b;`,
  ].map((code) => ({ path: 'terminal/a.ts', code }));
  const values = { path: 'terminal/a.ts', code: use('../protocol/index.ts') };
  expect(brokenRules([...refused, ...accepted, values])).toEqual([
    ...refused.map(() => ['noRestrictedImports']),
    ...accepted.map(() => []),
    ['plugin'],
  ]);
});
