import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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
