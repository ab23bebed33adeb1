import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsIndex } from '../../bin/commands-index.ts';
import * as rows from '../../lambdas/routes.ts';
import { commandRoutes, functionNames } from '../../lib/functions.ts';
import { commands, operatorCommands } from '../../protocol/index.ts';
import { all, templateOf } from '../lib/template.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(new URL(folder, root)).flatMap((name) => (name.endsWith('.ts') ? [name.slice(0, -3)] : []));

const template = templateOf('dev');
const routeKeys = all(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);

/** A definition's file. */
const fileOf = (type: string) => type.toLowerCase().replaceAll('_', '-');

test.each(commands.map(({ type }) => type))(
  'a message of type %s has its definition in a file of its name, one row, its route and its page',
  (type) => {
    expect(read(`protocol/commands/${fileOf(type)}.ts`), 'definition').toContain(`type: '${type}'`);
    expect(commandRoutes.filter(({ route }) => route.command.type === type)).toHaveLength(1);
    expect(routeKeys, 'route').toContain(type);
    expect(read('docs/protocol.md'), 'page').toContain(`\n## ${type}\n`);
  },
);

test.each(operatorCommands.map(({ type }) => type))(
  'the operator’s command %s has its definition in a file of its name, no route, and its page',
  (type) => {
    expect(read(`protocol/commands/${fileOf(type)}.ts`)).toContain(`type: '${type}'`);
    expect(routeKeys).not.toContain(type);
    expect(read('docs/server-api.md')).toContain(`\n## ${type}\n`);
  },
);

test('the list of commands is as `npm run docs` writes it, with every definition', () => {
  expect(read('protocol/commands/index.ts')).toBe(commandsIndex());
  const defined = filesIn('protocol/commands').filter((name) =>
    read(`protocol/commands/${name}.ts`).includes('= defineCommand('),
  );
  const all = [...commands, ...operatorCommands].map(({ type }) => fileOf(type));
  expect(defined.toSorted()).toEqual(all.toSorted());
});

test('a command counts on its user’s rate unless its price is 0', () => {
  const metered = commandRoutes.filter(({ route }) => route.command.price !== 0);
  expect(metered.length).toBeGreaterThan(10);
  const uncounted = metered.filter(({ route }) => route.grants.tables.RateLimits === undefined);
  expect(uncounted.map(({ name }) => name)).toEqual([]);
});

test('the environment is read while a handler is made, not while the rows are read', () => {
  expect(functionNames.length).toBeGreaterThan(commands.length);
  expect(() => rows.sendMessage().handler()).toThrow('The environment lacks');
});
