import { describe, expect, it } from 'vitest';
import { probeLinearly } from '../../../lib/freezing/linear-probe.ts';
import { randomStream } from '../../../lib/random.ts';
import { accuracy } from '../../../lib/training/metrics/accuracy.ts';

/** Two classes whose means lie `apart` standard deviations from each other in the first of `size` columns. */
function clouds({ count, size, apart }: { count: number; size: number; apart: number }) {
  const stream = randomStream(3, 'clouds');
  const normal = () => Array.from({ length: 12 }, () => stream.next()).reduce((sum, value) => sum + value, -6);
  const classes = Array.from({ length: count }, (_, i) => i % 2);
  const features = Float32Array.from({ length: count * size }, normal);
  for (const [row, of] of classes.entries()) features[row * size] = (features[row * size] ?? 0) + apart * (of - 0.5);
  const targets = Float32Array.from({ length: count * 2 }, (_, i) => Number(classes[Math.floor(i / 2)] === i % 2));
  return { features, targets, count, classes: 2, task: 'single-label' as const };
}

describe('probeLinearly', () => {
  it('tells apart what a linear classifier can tell apart', () => {
    expect(accuracy(probeLinearly(clouds({ count: 120, size: 10, apart: 8 })))).toBeGreaterThan(0.97);
  });

  it.each([
    ['fewer columns than rows', 10],
    ['more columns than rows, where every labelling can be fitted', 400],
  ])('is no better than chance on labels that mean nothing: %s', (_, size) => {
    const score = accuracy(probeLinearly(clouds({ count: 200, size, apart: 0 })));
    expect(Math.abs(score - 0.5)).toBeLessThan(0.11);
  });

  it('scores related examples by the classifier that left all of them out', () => {
    const alone = clouds({ count: 60, size: 200, apart: 0 });
    // Each image twice, with labels that mean nothing: the copy gives the label away.
    const twice = <Values extends Float32Array>(values: Values) => Float32Array.from([...values, ...values]);
    const examples = { ...alone, count: 120, features: twice(alone.features), targets: twice(alone.targets) };
    const related = Array.from({ length: 60 }, (_, row) => [row, row + 60]);
    expect(accuracy(probeLinearly(examples))).toBeGreaterThan(0.95);
    expect(accuracy(probeLinearly({ ...examples, related }))).toBeCloseTo(accuracy(probeLinearly(alone)), 1);
  });

  it('says of an example what the classifier fitted to all others says', () => {
    const examples = clouds({ count: 30, size: 4, apart: 2 });
    const all = probeLinearly(examples);
    // An example's own label has no part in what is said of it.
    const turned = { ...examples, targets: examples.targets.slice() };
    turned.targets.set([examples.targets[1] ?? 0, examples.targets[0] ?? 0]);
    const other = probeLinearly(turned);
    expect(other.logits[0]).toBeCloseTo(all.logits[0] ?? Number.NaN, 4);
    expect(other.logits[2]).not.toBeCloseTo(all.logits[2] ?? Number.NaN, 6);
  });
});
