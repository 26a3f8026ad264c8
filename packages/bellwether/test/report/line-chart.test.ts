import { describe, expect, it } from 'vitest';
import { lineChart, type LineChart } from '../../src/report/line-chart.ts';
import { scaleOf } from '../../src/report/scale.ts';

const CHART: LineChart = {
  title: 'Sheep & bells <>',
  subtitle: 'a test',
  x: { title: 'x', kind: 'log', format: String },
  y: { title: 'y', kind: 'linear', format: String },
  labels: 'end',
  series: [
    {
      name: 'one',
      style: 'dots',
      points: [
        [1, 0],
        [10, 5],
        [100, 10],
      ],
    },
    {
      name: 'two',
      style: 'dashed',
      points: [
        [1, 10],
        [100, 10],
      ],
    },
  ],
  here: { x: 10, label: 'now' },
};

/** The y of each text with this class. */
function heights(svg: string, name: string): readonly number[] {
  return [...svg.matchAll(new RegExp(`y="([\\d.]+)" class="${name}`, 'g'))].map(([, y]) =>
    Number(y),
  );
}

describe('a chart', () => {
  const svg = lineChart(CHART);

  it('is well-formed: every tag is closed, and no number is missing', () => {
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const open: string[] = [];
    for (const [, slash, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gi)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it('takes text for text', () => {
    expect(svg).toContain('Sheep &amp; bells &lt;&gt;');
  });

  it('keeps names apart whose lines end together', () => {
    const [first = 0, second = 0] = heights(svg, 'label').toSorted((a, b) => a - b);
    expect(second - first).toBeGreaterThanOrEqual(15);
  });

  it('marks where the reader is', () => {
    expect(svg).toContain('class="here"');
    expect(lineChart({ ...CHART, here: undefined })).not.toContain('class="here"');
  });
});

describe('a scale', () => {
  it('maps its ends to the ends in pixels', () => {
    for (const kind of ['linear', 'log'] as const) {
      const scale = scaleOf(kind, { from: 2, to: 50, pixels: [100, 20] });
      expect(scale.at(2)).toBeCloseTo(100, 9);
      expect(scale.at(50)).toBeCloseTo(20, 9);
    }
    expect(scaleOf('log', { from: 1, to: 100, pixels: [0, 10] }).at(10)).toBeCloseTo(5, 9);
  });

  it('has marks that people like', () => {
    const marks = (kind: 'linear' | 'log', from: number, to: number): readonly number[] =>
      scaleOf(kind, { from, to, pixels: [0, 1] }).marks;
    expect(marks('linear', 0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(marks('linear', 3.2, 9.1)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(marks('log', 1, 1e4)).toEqual([1, 10, 100, 1_000, 10_000]);
    expect(marks('log', 8, 60)).toEqual([10, 20, 50]);
    expect(marks('log', 1e-6, 1e9).length).toBeLessThan(10);
  });
});
