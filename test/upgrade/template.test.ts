import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Grants } from '../../lambdas/runtime/grants.ts';
import { rights } from './rights.ts';
import type { Stateful } from './stateful.ts';
import { deployments } from './templates.ts';

type Deployments = Record<string, Record<string, Stateful>>;

const folder = new URL('.', import.meta.url);
const releases = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());
const today = deployments();

test('there is a release to compare with', () => {
  expect(releases.map(({ name }) => name)).toContain('0.2.0');
});

describe.each(releases.map(({ name }) => name))('an update of a deployment of %s', (release) => {
  const then: Deployments = JSON.parse(readFileSync(new URL(`${release}/template.json`, folder), 'utf8'));

  test.each(Object.entries(then))('%s replaces and removes nothing that has state', (name, resources) => {
    const now = today[name] ?? {};
    expect(Object.keys(resources).length).toBeGreaterThan(10);
    for (const [id, { Properties, ...rest }] of Object.entries(resources)) {
      expect(now[id], id).toMatchObject(rest);
      const {
        AttributeDefinitions: attributes = [],
        GlobalSecondaryIndexes: indexes = [],
        ...others
      } = Properties;
      expect(now[id]?.Properties, id).toMatchObject(others);
      // More of these may come.
      expect(now[id]?.Properties.AttributeDefinitions ?? [], id).toEqual(
        expect.arrayContaining(attributes as object[]),
      );
      expect(now[id]?.Properties.GlobalSecondaryIndexes ?? [], id).toEqual(
        expect.arrayContaining(indexes as object[]),
      );
    }
  });
});

// A function refers to its role, so CloudFormation changes the role first. Until the code follows, the old one runs on it.
test('while an update from the newest release runs, its functions have the rights that they had', () => {
  const [newest = ''] = releases
    .map(({ name }) => name)
    .toSorted((one, other) => other.localeCompare(one, undefined, { numeric: true }));
  const then: Record<string, Grants> = JSON.parse(
    readFileSync(new URL(`${newest}/rights.json`, folder), 'utf8'),
  );
  const now = rights();
  expect(Object.keys(then).length).toBeGreaterThan(30);
  for (const [name, { tables, connections, ...others }] of Object.entries(then)) {
    const { [name]: today } = now;
    // One that is no longer deployed goes with its role.
    if (today === undefined) continue;
    expect(today.connections, name).toEqual(expect.arrayContaining([...connections]));
    for (const [table, actions] of Object.entries(tables))
      expect(today.tables, name).toHaveProperty(table, expect.arrayContaining([...actions]));
    const had = Object.entries(others).filter(([, isAllowed]) => isAllowed);
    expect(today, name).toMatchObject(Object.fromEntries(had));
  }
});
