import { assert, describe, expect, test } from 'vitest';
import { readEmf } from '../../local/emf.ts';
import { Metrics } from '../../local/metrics.ts';
import { statsOf } from '../../local/stats.ts';

/** A line of EMF: metric → unit and values. */
const emf = (metrics: Record<string, [unit: string, ...values: number[]]>): string =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: 'Chat',
          Dimensions: [['service']],
          Metrics: Object.entries(metrics).map(([Name, [Unit]]) => ({ Name, Unit })),
        },
      ],
    },
    service: 'one "and" only',
    route: 'no dimension',
    ...Object.fromEntries(
      Object.entries(metrics).map(([name, [, ...values]]) => [name, values.length > 1 ? values : values[0]]),
    ),
  });

function add(metrics: Metrics, functionName: string, line: string): void {
  const samples = readEmf(line);
  assert(samples, line);
  metrics.add(functionName, samples);
}

function given(...lines: string[]): Metrics {
  const metrics = new Metrics();
  for (const line of lines) add(metrics, 'Send', line);
  return metrics;
}

describe('a line of EMF', () => {
  test('has its dimensions, and one value or many', () => {
    expect(readEmf(emf({ Sent: ['Count', 2], Took: ['Milliseconds', 1, 3] }))).toEqual([
      { namespace: 'Chat', name: 'Sent', unit: 'Count', labels: { service: 'one "and" only' }, values: [2] },
      {
        namespace: 'Chat',
        name: 'Took',
        unit: 'Milliseconds',
        labels: { service: 'one "and" only' },
        values: [1, 3],
      },
    ]);
  });

  test('with a metric without a number has no value of it', () => {
    const line = emf({ Sent: ['Count'], Took: ['Milliseconds', 1] }).replace(
      '"Took":1',
      '"Took":[1,null,"2"]',
    );
    expect(readEmf(line)?.map(({ values }) => values)).toEqual([[], [1]]);
  });

  test.each(['', 'text', '{"level":"info"}', '{"CloudWatchMetrics":', '"CloudWatchMetrics"', '{"_aws":{}}'])(
    '%j is not one',
    (line) => {
      expect(readEmf(line)).toBeUndefined();
    },
  );
});

describe("in Prometheus' text form", () => {
  test('counts are counters, by function', async () => {
    const metrics = given(emf({ RequestsSent: ['Count', 2] }), emf({ RequestsSent: ['Count', 3] }));
    add(metrics, 'Other', emf({ RequestsSent: ['Count', 1] }));
    expect(await metrics.text()).toBe(
      [
        '# HELP chat_requests_sent_total Chat RequestsSent (Count), as the functions log it.',
        '# TYPE chat_requests_sent_total counter',
        'chat_requests_sent_total{service="one \\"and\\" only",function="Send"} 5',
        'chat_requests_sent_total{service="one \\"and\\" only",function="Other"} 1',
        '',
      ].join('\n'),
    );
  });

  test('times are histograms, in seconds', async () => {
    const text = await given(emf({ Took: ['Milliseconds', 3, 30, 60_000] })).text();
    expect(text).toContain('# TYPE chat_took_seconds histogram\n');
    const labels = 'service="one \\"and\\" only",function="Send"';
    for (const [le, count] of [
      ['0.002', 0],
      ['0.005', 1],
      ['0.05', 2],
      ['10', 2],
      ['+Inf', 3],
    ]) {
      expect(text).toContain(`chat_took_seconds_bucket{le="${le}",${labels}} ${count}\n`);
    }
    expect(text).toContain(`chat_took_seconds_sum{${labels}} 60.033\n`);
    expect(text).toContain(`chat_took_seconds_count{${labels}} 3\n`);
  });

  test('a name has only allowed characters', async () => {
    expect(await given(emf({ 'Failures.rate_limited': ['Count', 1] })).text()).toContain(
      '\nchat_failures_rate_limited_total{',
    );
  });
});

describe('for a person', () => {
  test('counts and times since the last output are shown', async () => {
    const metrics = given(
      emf({ Sent: ['Count', 50], Took: ['Milliseconds', ...Array(98).fill(3), 30, 30] }),
      emf({ Size: ['None', 7] }),
    );
    expect(statsOf(await metrics.changes(), 5)).toBe(
      'Sent 10/s\n             Took p50 ≤ 5 p99 ≤ 50 ms · Size p50 ≤ 10 p99 ≤ 10',
    );
    add(metrics, 'Send', emf({ Sent: ['Count', 1], Took: ['Milliseconds', 60_000] }));
    expect(statsOf(await metrics.changes(), 5)).toBe(
      'Sent 0.2/s\n             Took p50 off the scale p99 off the scale ms',
    );
  });

  test('nothing is shown while nothing happens', async () => {
    const metrics = given(emf({ Sent: ['Count', 50] }));
    await metrics.changes();
    expect(statsOf(await metrics.changes(), 5)).toBe('');
  });
});
