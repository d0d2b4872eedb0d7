import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLabelScaling } from '../../../../lib/training/calibration/fit-label-scaling.ts';
import { scaleLogits } from '../../../../lib/training/calibration/logit-scaling.ts';
import type { LabelledLogits } from '../../../../lib/training/metrics/labelled-logits.ts';
import { negativeLogLikelihood } from '../../../../lib/training/metrics/negative-log-likelihood.ts';
import { drawScores } from '../../../support/models/scores.ts';

describe('fitLabelScaling', () => {
  it('finds the scale and the offset of each label, given enough examples', async () => {
    const scores = drawScores({ task: 'multi-label', count: 20_000, classes: 3, temperature: 3, offsets: [3, 0, -3], seed: 1 });
    const { scales, offsets } = await fitLabelScaling(scores);
    for (const scale of scales) expect(scale).toBeCloseTo(1 / 3, 1);
    for (const [label, offset] of [-1, 0, 1].entries()) expect(offsets[label]).toBeCloseTo(offset, 0.7);
  });

  it('moves a label the further, the more positives say so', async () => {
    const moved: number[] = [];
    for (const count of [30, 300, 3000]) {
      const { offsets } = await fitLabelScaling(drawScores({ task: 'multi-label', count, classes: 1, offsets: [2], seed: 2 }));
      moved.push(Math.abs(offsets[0] ?? 0));
    }
    expect(moved).toEqual(moved.toSorted((a, b) => a - b));
  });

  const column = (logits: number[], targets: number[]): LabelledLogits => ({
    task: 'multi-label',
    count: logits.length,
    classes: 1,
    logits: Float32Array.from(logits),
    targets: Float32Array.from(targets),
  });
  it.each([
    ['a label that no example has', column([1, -2, 3, 0, -1], [0, 0, 0, 0, 0])],
    ['a label that all examples have', column([1, -2, 3, 0, -1], [1, 1, 1, 1, 1])],
    ['scores that are upside down', column([5, 4, -4, -5], [0, 0, 1, 1])],
    ['scores that are all the same', column([0, 0, 0], [0, 1, 0])],
    ['scores that are apart', column([9, 8, -8, -9], [1, 1, 0, 0])],
    ['scores of a million', column([1e6, 1e6, -1e6, -1e6], [1, 0, 0, 1])],
  ])('is finite, and leaves the order of the examples, for %s', async (_, scores) => {
    const { scales, offsets } = await fitLabelScaling(scores);
    expect(scales[0]).toBeGreaterThan(0);
    expect(Number.isFinite(scales[0])).toBe(true);
    expect(Number.isFinite(offsets[0])).toBe(true);
  });

  it('fits no worse than what it is held near', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: -2, max: 2, noNaN: true }), async (seed, offset) => {
        const scores = drawScores({ task: 'multi-label', count: 100, classes: 2, offsets: [offset, 0], seed });
        const fitted = negativeLogLikelihood(scaleLogits(scores, await fitLabelScaling(scores)));
        const { scales } = await fitLabelScaling({ ...scores, count: 100 });
        expect(fitted).toBeLessThanOrEqual(negativeLogLikelihood(scaleLogits(scores, { scales, offsets: [0, 0] })) + 1e-6);
      }),
      { numRuns: 50 },
    );
  });
});
