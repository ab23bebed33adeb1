import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAYS } from './load.ts';
import type { Usage } from './usage.ts';

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

interface Template {
  Resources: Record<string, Resource>;
}

/** The fixed cost of a deployed template, without any messages. */
export interface Fixed {
  usage: Usage;
  /** The retention of logs, in months. */
  logMonths: number;
}

/**
 * Lambda polls a queue with five concurrent long polls of 20 s, even while it is empty (Lambda's guide, "Using Lambda with
 * Amazon SQS"; SQS bills them like any request).
 */
const POLLS = (5 * DAYS * 24 * 60 * 60) / 20;

/** Reads the fixed costs from a synthesized template. @param assembly the CDK's output folder */
export function fixedOf(assembly: string): Fixed {
  const file = readdirSync(assembly).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`There is no template in ${assembly}`);
  const { Resources } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as Template;
  const all = Object.values(Resources);
  const count = (type: string) => all.filter(({ Type }) => Type === type).length;
  const days = all.map(({ Properties }) => Number(Properties?.RetentionInDays ?? 0));
  return {
    usage: {
      alarms: all.reduce((sum, resource) => sum + alarmsOf(resource), 0),
      dashboards: count('AWS::CloudWatch::Dashboard'),
      queued: POLLS * all.filter(isQueueMapping).length,
    },
    logMonths: Math.max(0, ...days) / DAYS,
  };
}

/** A mapping of a stream has a position in it, and its polls are free (Lambda's guide, "Using Lambda with DynamoDB"). */
const isQueueMapping = ({ Type, Properties }: Resource): boolean =>
  Type === 'AWS::Lambda::EventSourceMapping' && Properties?.StartingPosition === undefined;

/** An alarm is billed per metric that it watches; a composite alarm costs as much as five. */
function alarmsOf({ Type, Properties }: Resource): number {
  if (Type === 'AWS::CloudWatch::CompositeAlarm') return 5;
  if (Type !== 'AWS::CloudWatch::Alarm') return 0;
  const metrics = (Properties?.Metrics ?? []) as { MetricStat?: object }[];
  return Math.max(1, metrics.filter(({ MetricStat }) => MetricStat !== undefined).length);
}
