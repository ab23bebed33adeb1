import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageNames } from '../../../tools/pack/pack.ts';

test.each(await packageNames())('the package %s is tested from its tarball', (name) => {
  expect(readFileSync(`test/packages/${name}.test.ts`, 'utf8')).toContain(`await packed('${name}', `);
});
