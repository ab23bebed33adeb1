import { expect, test } from 'vitest';
import { WHO } from '../../protocol/command.ts';
import { given } from '../support/given.ts';
import { columnOf, outcomesFor } from './authorisation.ts';

// test/cloud/authorisation.test.ts does the same where users come from an identity provider.
test.each(WHO)('%s', { timeout: 300_000 }, async (who) => {
  expect(await outcomesFor(who, { given })).toEqual(columnOf(who, false));
});
