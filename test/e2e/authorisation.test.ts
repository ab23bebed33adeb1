import { expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { columnOf, WHO } from '../support/request-for.ts';
import { outcomesFor } from './authorisation.ts';

// test/cloud/authorisation.test.ts does the same where users come from an identity provider.
test.each(WHO)('%s', async (who) => {
  const column = columnOf(who, false);
  expect(await outcomesFor(Object.keys(column), who, { given })).toEqual(column);
});
