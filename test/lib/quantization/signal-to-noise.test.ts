import { describe, expect, test } from 'vitest';
import { signalToNoise } from '../../../lib/quantization/signal-to-noise.ts';

const of = (...rows: readonly (readonly number[])[]) => rows.map((row) => Float32Array.from(row));

describe('signalToNoise', () => {
  test('of labels with a softmax is that of the logits, which a common shift does not change', () => {
    // Logits of 2, 0 and 1, 0 relative to the mean: +-1 and +-0.5.
    const [one, half] = [
      of([1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(2))]),
      of([1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(1))]),
    ];
    expect(signalToNoise(one, half, 'single-label')).toBeCloseTo(10 * Math.log10(4), 4);
    expect(signalToNoise(of([0.9, 0.09]), of([0.45, 0.045]), 'single-label')).toBeGreaterThan(100);
  });

  test('of independent labels falls if all of an image become less probable', () => {
    const [expected, received] = [of([0.9, 0.9], [0.9, 0.02]), of([0.45, 0.45], [0.45, 0.01])];
    expect(signalToNoise(expected, received, 'multi-label')).toBeLessThan(6);
  });

  test('of independent labels counts a decision that changes more than a probability near 0', () => {
    const expected = of([0.95, 0.001]);
    const decided = signalToNoise(expected, of([0.6, 0.001]), 'multi-label');
    expect(decided).toBeLessThan(signalToNoise(expected, of([0.95, 0.003]), 'multi-label'));
  });

  test.each(['single-label', 'multi-label'] as const)('of %s is finite at 0 and 1', (task) => {
    expect(Number.isFinite(signalToNoise(of([0, 1]), of([1, 0]), task))).toBe(true);
  });
});
