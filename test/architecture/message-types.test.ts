import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { grants } from '../../lib/grants.ts';
import { commands } from '../../protocol/index.ts';
import { all, templateOf } from '../lib/template.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(new URL(folder, root)).flatMap((name) => (name.endsWith('.ts') ? [name.slice(0, -3)] : []));

const template = templateOf('dev');
const routeKeys = all(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);

// What of lambdas/ is not a route: what routes share.
const SHARED = [
  // Only where a setting asks for it (test/lib/identity.test.ts), with no rights.
  'authorize',
  'env',
  'event',
  'flood',
  'gateway',
  'handshake',
  'life-cycle',
  'log',
  'policy',
  'ports',
  'posted',
  'priced',
  'later',
  'metrics',
  'network',
  'observed',
  'queue',
  'request-handler',
  'watched',
  'route',
  'secrets',
  'spent',
  'world',
];
// The last is behind a queue; those of `$connect` are there where a setting asks for one of them.
const OTHER_ROUTES = ['connect', 'connect-identity', 'default', 'disconnect', 'fan-out'];

test.each(commands.map(({ type, lambda }) => [type, lambda] as const))(
  'a message of type %s has its definition, its Lambda, its rights, its routes and its page',
  (type, lambda) => {
    expect(existsSync(new URL(`protocol/commands/${lambda}.ts`, root)), 'definition').toBe(true);
    expect(existsSync(new URL(`lambdas/${lambda}.ts`, root)), 'Lambda').toBe(true);
    expect(Object.keys(grants), 'rights').toContain(lambda);
    expect(routeKeys, 'route').toContain(type);
    expect(read('docs/protocol.md'), 'page').toContain(`\n## ${type}\n`);
  },
);

test('no definition is left out of the list of commands', () => {
  const defined = filesIn('protocol/commands').filter((name) =>
    read(`protocol/commands/${name}.ts`).includes('defineCommand({'),
  );
  expect(defined.toSorted()).toEqual(commands.map(({ lambda }) => lambda).toSorted());
});

test('no Lambda is without a route, and no rights without a Lambda', () => {
  const routed = [...commands.map(({ lambda }) => lambda), ...OTHER_ROUTES].toSorted();
  expect(
    filesIn('lambdas')
      .filter((name) => !SHARED.includes(name))
      .toSorted(),
  ).toEqual(routed);
  expect(Object.keys(grants).toSorted()).toEqual(routed);
});

test('no two message types share a Lambda', () => {
  expect(new Set(commands.map(({ lambda }) => lambda)).size).toBe(commands.length);
});
