import { expect, test } from 'vitest';
import { packedReadme } from '../../../tools/pack/readme.ts';

const readme = `Each [code](../../docs/protocol.md#codes) is in [a
table](table.md); see [npm](https://www.npmjs.com) and [below](#below).`;
const [folder, version] = ['packages/client', '0.2.0'];

test('links to files of the repository are to those of the release', () => {
  const repository = { type: 'git', url: 'git+https://example.com/parley.git' } as const;
  expect(packedReadme(readme, folder, { repository, version })).toBe(
    `Each [code](https://example.com/parley/blob/v0.2.0/docs/protocol.md#codes) is in [a
table](https://example.com/parley/blob/v0.2.0/packages/client/table.md); see [npm](https://www.npmjs.com) and [below](#below).`,
  );
});

test('there are none to nowhere, as long as nobody knows where the repository is published', () => {
  expect(packedReadme(readme, folder, { version })).toBe(
    'Each code is in a\ntable; see [npm](https://www.npmjs.com) and [below](#below).',
  );
});
