import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleFunctions } from '../../lib/bundles.ts';
import { type FunctionName, functionNames, grantsOf } from '../../lib/functions.ts';
import { commands, pushes } from '../../protocol/index.ts';

const bundles = bundleFunctions(functionNames);

/** All of a function's files, or those whose names match. */
function codeOf(from: typeof bundles, lambda: FunctionName, files = /./): string {
  const { folder } = from.get(lambda) ?? { folder: '' };
  const names = readdirSync(folder).filter((name) => files.test(name));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}

// Also what is loaded when it is first needed is in its folder; it is not counted.
test.each(functionNames)('%s loads at most 340 KB, and its size is stated', (lambda) => {
  const { bytes } = bundles.get(lambda) ?? {};
  expect(bytes).toBe(Buffer.byteLength(codeOf(bundles, lambda, /^index\.mjs$/)));
  expect(bytes).toBeLessThanOrEqual(340_000);
});

test('functions that may send to the queue load its client with their first send', () => {
  const carries = (files?: RegExp) =>
    functionNames.filter((lambda) => codeOf(bundles, lambda, files).includes('AmazonSQS'));
  const senders = functionNames.filter((lambda) => grantsOf(lambda).fanOutQueue);
  expect(carries().toSorted()).toEqual(senders.toSorted());
  expect(carries(/^index\.mjs$/)).toEqual([]);
});

test('functions that need no table contain no AWS SDK', () => {
  for (const lambda of ['ping', 'help'] as const) {
    expect(codeOf(bundles, lambda), lambda).not.toContain('X-Amz-Date');
    // Zod, the definitions of all commands, and Powertools.
    expect(bundles.get(lambda)?.bytes, lambda).toBeLessThanOrEqual(96_000);
  }
});

// Making them takes time at each cold start.
test('no function but help, $default and the server API contains the definitions of all commands', () => {
  const most = (lambda: FunctionName) => {
    const code = codeOf(bundles, lambda, /^index\.mjs$/);
    return commands.filter(({ doc }) => code.includes(doc.slice(0, 30))).length;
  };
  expect(most('help')).toBe(commands.length);
  expect(functionNames.filter((lambda) => most(lambda) > 3)).toEqual(['help', 'defaultRoute', 'serverApi']);
});

// What the bundler takes for a side effect, like the spread of an object, stays in every function.
test.each(Object.entries(pushes))('no function contains the push %s of another command', (_, { doc }) => {
  expect(codeOf(bundles, 'ping')).not.toContain(doc.slice(0, 30));
});

// Strings of the SDK's other ways to credentials: each was in the bundles before the chain was replaced.
test.each([
  'credential_process',
  'sso_session',
  'GetRoleCredentials',
  'AssumeRoleWithWebIdentity',
  '169.254.170.2',
])('no function contains code for credentials from elsewhere than its environment: %s', (trace) => {
  const carrying = functionNames.filter((lambda) => codeOf(bundles, lambda).includes(trace));
  expect(carrying).toEqual([]);
});

// Also seen in the bundles before its code was replaced.
test('no function contains code for event streams, which no service here has', () => {
  const carrying = functionNames.filter((lambda) => codeOf(bundles, lambda).includes(':message-type'));
  expect(carrying).toEqual([]);
});

// The size of its cache, as the SDK calls it: also seen in the bundles before its code was replaced.
test('no function contains code for endpoint discovery, which no command here needs', () => {
  const carrying = functionNames.filter((lambda) => codeOf(bundles, lambda).includes('endpointCacheSize'));
  expect(carrying).toEqual([]);
});

// What esbuild writes where CommonJS is bundled, which would need a `require` that modules do not have.
test('no function contains CommonJS', () => {
  const carrying = functionNames.filter((lambda) => codeOf(bundles, lambda).includes('Dynamic require'));
  expect(carrying).toEqual([]);
});

test("no function contains the SDK's package.json", () => {
  const carrying = functionNames.filter((lambda) => codeOf(bundles, lambda).includes('devDependencies'));
  expect(carrying).toEqual([]);
});

test('functions that use tables take credentials from their environment', () => {
  expect(codeOf(bundles, 'register')).toContain('AWS_ACCESS_KEY_ID');
});

test('the same sources make the same bundles, so that a deployment changes only what changed', () => {
  const again = bundleFunctions(functionNames);
  for (const lambda of functionNames)
    expect(codeOf(again, lambda) === codeOf(bundles, lambda), lambda).toBe(true);
});
