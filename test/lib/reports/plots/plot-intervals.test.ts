import { expect, test } from 'vitest';
import { openDrawing } from '../../../../lib/reports/plots/draw.ts';
import { plotIntervals } from '../../../../lib/reports/plots/plot-intervals.ts';

test.each([2, 3, 5])('draws the first of %i rows at the top, and none at the edge', async (count) => {
  const rows = Array.from({ length: count }, (_, i) => ({
    name: `class ${i}`,
    estimate: { value: 0.5 + 0.1 * i, low: 0.4, high: 0.95 },
  }));
  const { markup, height } = plotIntervals(await openDrawing(), rows, { label: 'F1 (%)' });
  const numberOf = (dot: string, name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(dot)?.[1]);
  const dots = [...markup.matchAll(/<circle[^>]*>/g)].map(([dot]) => ({ x: numberOf(dot, 'cx'), y: numberOf(dot, 'cy') }));
  expect(dots).toHaveLength(count);
  // The values ascend with the rows.
  expect(dots.map(({ y }) => y)).toEqual(dots.map(({ y }) => y).sort((a, b) => a - b));
  expect(dots.map(({ x }) => x)).toEqual(dots.map(({ x }) => x).sort((a, b) => a - b));
  expect(dots[0]?.y).toBeGreaterThan(12);
  expect(dots.at(-1)?.y).toBeLessThan(height - 44);
});
