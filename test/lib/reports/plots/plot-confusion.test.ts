import { expect, test } from 'vitest';
import { measureConfusion } from '../../../../lib/reports/measure/measure-confusion.ts';
import { openDrawing } from '../../../../lib/reports/plots/draw.ts';
import { plotConfusion } from '../../../../lib/reports/plots/plot-confusion.ts';

test('a colour is the share of all images of a class, also where the matrix leaves out what they were predicted as', async () => {
  // Class 0 has 20 images: 5 are right, 3 are predicted as class 1, and one each as 12 classes that are confused least.
  const errors = Array.from({ length: 12 }, (_, i) => 28 + i);
  const first = [...Array.from({ length: 5 }, () => 0), ...Array.from({ length: 3 }, () => 1), ...errors];
  // Each of the classes 2 to 25 is confused twice with the next one.
  const others = Array.from({ length: 12 }, (_, i) => [2 + 2 * i, 2 + 2 * i]).flat();
  const predicted = Uint32Array.from([...first, ...others.map((of) => of + 1)]);
  const truth = Uint32Array.from([...first.map(() => 0), ...others]);
  const labels = Array.from({ length: 40 }, (_, of) => `class ${of}`);
  const confusion = measureConfusion({ truth, predicted, classes: 40 }, labels);
  expect(confusion?.labels).not.toContain('class 28');
  expect(confusion?.counts[0]?.slice(0, 2)).toEqual([5, 3]);
  expect(confusion?.images?.[0]).toBe(20);
  const { markup } = plotConfusion(await openDrawing(), confusion!);
  const opacities = [...markup.matchAll(/fill-opacity="([\d.]+)" fill="var\(--c[12]\)"/g)].map(([, depth]) => Number(depth));
  // 0.12 at least, and 0.78 more for all images of the class.
  expect(opacities[0]).toBeCloseTo(0.12 + 0.78 * 0.25, 6);
  expect(opacities[1]).toBeCloseTo(0.12 + 0.78 * 0.15, 6);
});
