import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { stageOf } from '../../lib/stage.ts';

const stageGiven = (context: Record<string, unknown>) => stageOf(new App({ context }).node);

test.each(['a-b', 'a_b', 'a b', '', 'x'.repeat(65), 7])('a stage named %j is refused', (stage) => {
  expect(() => stageGiven({ stage })).toThrow('a stage is 1 to 64 letters and digits');
});

test.each(['prod', 'myStage2', 'x'.repeat(64)])('a stage named %j is fine', (stage) => {
  expect(stageGiven({ stage })).toBe(stage);
});

test('without a name it is dev', () => {
  expect(stageGiven({})).toBe('dev');
});
