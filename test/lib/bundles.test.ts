import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../lib/bundles.ts';
import { grants } from '../../lib/grants.ts';
import { leftOut } from '../../lib/left-out.ts';
import { lighter } from '../../lib/lighter.ts';

const lambdas = Object.keys(grants);
const bundles = bundle(lambdas);

/** All of its files, or those whose names match. */
function codeOf(from: typeof bundles, lambda: string, files = /./): string {
  const { folder } = from.get(lambda) ?? { folder: '' };
  const names = readdirSync(folder).filter((name) => files.test(name));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}

// Also what is loaded when it is first needed is in its folder; it is not counted.
test.each(lambdas)('%s loads at most 300 KB, and it is known how much', (lambda) => {
  const { bytes } = bundles.get(lambda) ?? {};
  expect(bytes).toBe(Buffer.byteLength(codeOf(bundles, lambda, /^index\.mjs$/)));
  expect(bytes).toBeLessThanOrEqual(300_000);
});

test('functions that may send to the queue load its client when they first do', () => {
  const carries = (files?: RegExp) =>
    lambdas.filter((lambda) => codeOf(bundles, lambda, files).includes('AmazonSQS'));
  const senders = lambdas.filter((lambda) => grants[lambda]?.later);
  // One rule is for users and groups; to users alone it needs no queue.
  expect(carries().toSorted()).toEqual([...senders, 'send-message'].toSorted());
  expect(carries(/^index\.mjs$/)).toEqual([]);
});

test('functions that need no table carry no AWS SDK', () => {
  for (const lambda of ['ping', 'help']) {
    expect(codeOf(bundles, lambda), lambda).not.toContain('X-Amz-Date');
    // Zod, the definitions of all commands, and Powertools.
    expect(bundles.get(lambda)?.bytes, lambda).toBeLessThanOrEqual(90_000);
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

// What a bundle does without (lib/left-out.ts), each by a string that was in them before.
test.each([
  ['the endpoints of all partitions', 'dualStackDnsSuffix'],
  ['adaptive retries', 'updateClientSendingRate'],
  ['configuration files', 'AWS_SHARED_CREDENTIALS_FILE'],
  ['the metadata of EC2', 'latest/meta-data'],
  ['dates', 'RFC-3339'],
  ['what tells browsers apart', 'Samsung Internet'],
  ["Powertools' own format", 'function_memory_size'],
  ['a header with versions', 'lang/js'],
  ['the chain of Lambdas that a call is part of', 'X-Amzn-Trace-Id'],
  ['all of process, whose streams are then opened', 'node:process'],
  ['all of the file system', 'node:fs'],
  // What esbuild writes where CommonJS is bundled, which would need a `require` that modules do not have.
  ['CommonJS', 'Dynamic require'],
])('no function carries code for %s', (_, trace) => {
  expect(lambdas.filter((lambda) => codeOf(bundles, lambda).includes(trace))).toEqual([]);
});

test('what is left out is there to be left out: an update of its library has not moved it', () => {
  const gone = Object.keys(leftOut).filter((file) => !existsSync(join('node_modules', file)));
  expect(gone).toEqual([]);
});

test('what is made lighter is there, once: an update of its library has not moved or changed it', () => {
  for (const [file, changes] of Object.entries(lighter)) {
    const text = readFileSync(join('node_modules', file), 'utf8');
    for (const [from] of changes) expect(text.split(from), `${file}: ${from}`).toHaveLength(2);
  }
});

// The SDK's own way, seen in the bundles before.
test('no function copies the configuration of a client for each call', () => {
  const copies = /\{\.\.\.(\w+),\.\.\.\w+,endpoint:/;
  expect(lambdas.filter((lambda) => copies.test(codeOf(bundles, lambda)))).toEqual([]);
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
