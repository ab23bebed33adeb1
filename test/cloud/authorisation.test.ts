import { afterAll, expect, test } from 'vitest';
import { WHO_WITH_PROVIDER } from '../../protocol/command.ts';
import { outcomesFor } from '../e2e/authorisation.ts';
import { assemblyIn } from '../support/assembly.ts';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { startProvider } from '../support/provider.ts';
import { columnOf } from '../support/request-for.ts';

// The table of docs/security.md, where users come from an identity provider.
const provider = await startProvider('chat');
afterAll(() => provider.close());
const assembly = assemblyIn({ jwtIssuer: provider.issuer, jwtAudience: 'chat' });
const { given } = await ownCloud({ assembly }, provider.tokenOf);

test('a login by name is refused, before and after another login', async () => {
  for (const client of [await given.aStranger(), await given.aUser()])
    expect(await client.request({ type: 'login', username: client.name || unique('ann') })).toMatchObject({
      code: 'invalid_token',
    });
});

test.each(WHO_WITH_PROVIDER)('%s', async (who) => {
  const column = columnOf(who, true);
  expect(await outcomesFor(Object.keys(column), who, { given, provider })).toEqual(column);
});
