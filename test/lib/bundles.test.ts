import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../lib/bundles.ts';
import { grants } from '../../lib/grants.ts';

const lambdas = Object.keys(grants);
const bundles = bundle(lambdas);

function codeOf(from: typeof bundles, lambda: string): string {
  const { folder } = from.get(lambda) ?? { folder: '' };
  return readFileSync(join(folder, 'index.mjs'), 'utf8');
}

test.each(lambdas)('%s is one file of at most 310 KB, and its size is known', (lambda) => {
  const { folder = '', bytes } = bundles.get(lambda) ?? {};
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  expect(bytes).toBe(Buffer.byteLength(codeOf(bundles, lambda)));
  expect(bytes).toBeLessThanOrEqual(310_000);
});

test('functions that need no table carry no AWS SDK', () => {
  for (const lambda of ['ping', 'help']) {
    expect(codeOf(bundles, lambda), lambda).not.toContain('X-Amz-Date');
    // Zod, and the definitions of all commands.
    expect(bundles.get(lambda)?.bytes, lambda).toBeLessThanOrEqual(60_000);
  }
});

// Strings of the SDK's other ways to credentials: each was in the bundles before the chain was replaced.
test.each([
  'credential_process',
  'sso_session',
  'GetRoleCredentials',
  'AssumeRoleWithWebIdentity',
  '169.254.170.2',
])('no function carries code for credentials from elsewhere than its environment: %s', (trace) => {
  const carrying = lambdas.filter((lambda) => codeOf(bundles, lambda).includes(trace));
  expect(carrying).toEqual([]);
});

// Also seen in the bundles before its code was replaced.
test('no function carries code for event streams, which no service here has', () => {
  const carrying = lambdas.filter((lambda) => codeOf(bundles, lambda).includes(':message-type'));
  expect(carrying).toEqual([]);
});

// The size of its cache, as the SDK calls it: also seen in the bundles before its code was replaced.
test('no function carries code for endpoint discovery, which no command here asks for', () => {
  const carrying = lambdas.filter((lambda) => codeOf(bundles, lambda).includes('endpointCacheSize'));
  expect(carrying).toEqual([]);
});

test("no function carries the SDK's package.json", () => {
  const carrying = lambdas.filter((lambda) => codeOf(bundles, lambda).includes('devDependencies'));
  expect(carrying).toEqual([]);
});

test('functions that use tables do take credentials from their environment', () => {
  expect(codeOf(bundles, 'register')).toContain('AWS_ACCESS_KEY_ID');
});

test('the same sources make the same bundles, so that a deployment changes only what changed', () => {
  const again = bundle(lambdas);
  for (const lambda of lambdas) expect(codeOf(again, lambda) === codeOf(bundles, lambda), lambda).toBe(true);
});
