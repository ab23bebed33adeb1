import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fixedOf } from '../../../tools/cost/fixed.ts';

const folder = mkdtempSync(join(tmpdir(), 'cost-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resources = [
  { Type: 'AWS::CloudWatch::Alarm' },
  {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { Metrics: [{ Expression: 'a / b' }, { MetricStat: {} }, { MetricStat: {} }] },
  },
  { Type: 'AWS::CloudWatch::CompositeAlarm' },
  { Type: 'AWS::CloudWatch::Dashboard' },
  { Type: 'AWS::Lambda::EventSourceMapping' },
  // Of a stream, which Lambda reads for nothing.
  { Type: 'AWS::Lambda::EventSourceMapping', Properties: { StartingPosition: 'TRIM_HORIZON' } },
  { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 90 } },
  { Type: 'AWS::Lambda::Function', Properties: {} },
];

test('a template has its fixed costs, and how long its logs are kept', () => {
  const Resources = Object.fromEntries(resources.map((resource, index) => [`R${index}`, resource]));
  writeFileSync(join(folder, 'Chat.template.json'), JSON.stringify({ Resources }));
  expect(fixedOf(folder)).toEqual({
    // Five polls every 20 seconds, for 30 days.
    usage: { alarms: 1 + 2 + 5, dashboards: 1, queued: 648_000 },
    logMonths: 3,
  });
});

test('a folder without a template is refused', () => {
  const empty = mkdtempSync(join(folder, 'empty-'));
  expect(() => fixedOf(empty)).toThrow('There is no template in');
});
