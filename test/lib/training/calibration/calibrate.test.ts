import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argMax } from '../../../../lib/arithmetic.ts';
import { calibrate } from '../../../../lib/training/calibration/calibrate.ts';
import { fitTemperature } from '../../../../lib/training/calibration/fit-temperature.ts';
import { scaleLogits, uniformScaling } from '../../../../lib/training/calibration/logit-scaling.ts';
import { expectedCalibrationError } from '../../../../lib/training/metrics/expected-calibration-error.ts';
import type { LabelledLogits } from '../../../../lib/training/metrics/labelled-logits.ts';
import { drawScores } from '../../../support/models/scores.ts';

describe('calibrate', () => {
  it('makes a network that is far too sure of itself honest, on 36 images', async () => {
    for (const seed of [0, 1, 2, 3, 4]) {
      const { scaling, method } = await calibrate(drawScores({ count: 36, classes: 6, temperature: 12, seed }));
      const unseen = drawScores({ count: 2000, classes: 6, temperature: 12, seed: 100 + seed });
      expect(method).toBe('temperature');
      expect(expectedCalibrationError(unseen)).toBeGreaterThan(0.25);
      expect(expectedCalibrationError(scaleLogits(unseen, scaling))).toBeLessThan(0.12);
    }
  });

  it('calibrates the labels of a multi-label network, each by itself', async () => {
    const drawn = { task: 'multi-label', classes: 3, temperature: 3, offsets: [4, 0, -4] } as const;
    const { method, scaling } = await calibrate(drawScores({ ...drawn, count: 400, seed: 1 }));
    const unseen = drawScores({ ...drawn, count: 2000, seed: 2 });
    expect(method).toBe('per-label');
    expect(expectedCalibrationError(unseen)).toBeGreaterThan(0.1);
    expect(expectedCalibrationError(scaleLogits(unseen, scaling))).toBeLessThan(0.03);
  });

  it('divides the scores of a single fold as those without folds', async () => {
    const scores = drawScores({ count: 600, classes: 4, temperature: 6, seed: 3 });
    expect(await calibrate(scores, { foldOf: new Array<number>(600).fill(0) })).toEqual(await calibrate(scores));
    expect((await calibrate(scores)).method).toBe('temperature');
  });

  it('gives all labels one temperature where the last layer has no room for more', async () => {
    const scores = drawScores({ task: 'multi-label', classes: 3, temperature: 3, offsets: [4, 0, -4], count: 400, seed: 1 });
    const { method, scaling } = await calibrate(scores, { perLabel: false });
    expect(method).toBe('temperature');
    expect(new Set(scaling.scales).size).toBe(1);
    expect(scaling.offsets).toEqual([0, 0, 0]);
  });

  const drawn = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    task: fc.constantFrom('single-label' as const, 'multi-label' as const),
    count: fc.integer({ min: 0, max: 60 }),
    temperature: fc.constantFrom(0.2, 0.8, 1, 1.2, 5),
  });

  it('is never worse than no calibration, as far as images can tell that it was not fitted to', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ({ seed, task, count, temperature }) => {
        const scores = drawScores({ task, count, classes: 3, temperature, seed });
        const { before, after, method, heldOut } = await calibrate(scores);
        expect(after.negativeLogLikelihood).toBeLessThanOrEqual(before.negativeLogLikelihood);
        if (method === 'none') expect(heldOut).toEqual(scores);
        if (count < 10) expect(method).toBe('none');
      }),
      { numRuns: 60 },
    );
  });

  it('leaves every image its class', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ({ seed, count, temperature }) => {
        const scores = drawScores({ count, classes: 3, temperature, seed });
        const classesOf = ({ logits }: LabelledLogits) =>
          Array.from({ length: count }, (_, row) => argMax(logits.subarray(row * 3, row * 3 + 3)));
        const { scaling } = await calibrate(scores);
        expect(classesOf(scaleLogits(scores, scaling))).toEqual(classesOf(scores));
      }),
      { numRuns: 30 },
    );
  });

  it('calibrates the scores of a fold by those of the others', async () => {
    const scores = drawScores({ count: 40, classes: 2, temperature: 5, seed: 3 });
    const foldOf = Array.from({ length: 40 }, (_, row) => Number(row >= 20));
    const { heldOut } = await calibrate(scores, { foldOf });
    const half = (from: number): LabelledLogits => ({
      ...scores,
      count: 20,
      logits: scores.logits.subarray(2 * from, 2 * from + 40),
      targets: scores.targets.subarray(2 * from, 2 * from + 40),
    });
    const [first, second] = [half(0), half(20)];
    const expected = [scaled(first, await fitTemperature(second)), scaled(second, await fitTemperature(first))].flat();
    expect([...heldOut.logits]).toEqual(expected.map((logit) => expect.closeTo(logit, 3)));
  });

  it.each(['single-label', 'multi-label'] as const)(
    'lets a %s job send heartbeats between the steps, and stops with it',
    async (task) => {
      const scores = drawScores({ task, count: 40, classes: 3, temperature: 5, seed: 3 });
      let turns = 0;
      const stopped = new Error('cancelled');
      const yieldToEventLoop = async () => {
        if (++turns === 300) throw stopped;
      };
      // 11 fits of a temperature, each of 24 steps.
      await calibrate(scores, { perLabel: false, yieldToEventLoop }).then(() => expect(turns).toBeGreaterThan(250));
      await expect(calibrate(scores, { yieldToEventLoop })).rejects.toBe(stopped);
    },
  );
});

function scaled(scores: LabelledLogits, temperature: number): number[] {
  return [...scaleLogits(scores, uniformScaling(2, 1 / temperature)).logits];
}
