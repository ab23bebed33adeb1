import { describe, expect, test } from 'vitest';
import { drawn, linear, logarithmic } from '../../../tools/harness/chart.ts';

describe('a chart', () => {
  test('has its lines where the axes say', () => {
    const x = linear('s', [0, 10]);
    const y = linear('ms', [0, 10]);
    const svg = drawn({ left: 64, right: 684, top: 44, bottom: 248, names: 'above' }, x, y, [
      {
        name: 'a',
        points: [
          { x: 0, y: 0 },
          { x: 10, y: 10 },
        ],
      },
    ]);
    expect(svg).toContain('d="M64 248L684 44"');
  });

  test('a linear axis ends at the step above the highest value', () => {
    const { ticks, of } = linear('s', [3, 47]);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '10', '20', '30', '40', '50']);
    expect([of(0), of(25), of(50)]).toEqual([0, 0.5, 1]);
  });

  test('a logarithmic axis has powers of ten around all values', () => {
    const { ticks, of } = logarithmic('ms', [0, 3, 470]);
    expect(ticks.map(({ label }) => label)).toEqual(['1', '10', '100', '1,000']);
    expect([of(0), of(1), of(1_000)]).toEqual([0, 0, 1]);
  });

  test('a logarithmic axis without values is one power of ten', () => {
    expect(logarithmic('ms', [0]).ticks.map(({ at }) => at)).toEqual([1, 10]);
  });

  test('labels of lines stay text', () => {
    const axis = linear('s', [1]);
    const frame = { left: 0, right: 10, top: 0, bottom: 10, names: 'at the ends' } as const;
    expect(drawn(frame, axis, axis, [{ name: '<b>', points: [{ x: 1, y: 1 }] }])).toContain(
      '>&lt;b&gt;</text>',
    );
  });
});
