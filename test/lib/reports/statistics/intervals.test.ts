import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { bootstrapClasses } from '../../../../lib/reports/statistics/bootstrap-classes.ts';
import { decidedCells } from '../../../../lib/reports/statistics/decided-cells.ts';
import { mcnemar } from '../../../../lib/reports/statistics/mcnemar.ts';
import { percentile } from '../../../../lib/reports/statistics/percentile.ts';
import { wilsonInterval } from '../../../../lib/training/metrics/wilson-interval.ts';
import { drawScores } from '../../../support/models/scores.ts';

describe('mcnemar', () => {
  // The first row is the example of Fagerland, Lydersen & Laake (2013): exact 0.070, mid-p 0.039.
  test.each([
    [1, 7, 0.0703125, 0.0390625],
    [5, 5, 1, 0.876953125],
    [30, 12, 0.007915897334896727, 0.005401572654591291],
    [0, 0, 1, 1],
  ])('of %i and %i images', (onlyFirst, onlySecond, exact, midP) => {
    const found = mcnemar(onlyFirst, onlySecond, 100);
    expect(found.exact).toBeCloseTo(exact, 9);
    expect(found.midP).toBeCloseTo(midP, 6);
  });

  test('does not depend on the order, and its difference does', () => {
    expect(mcnemar(3, 9, 50).exact).toBe(mcnemar(9, 3, 50).exact);
    expect(mcnemar(3, 9, 50).difference.value).toBeCloseTo(-0.12, 12);
    expect(mcnemar(9, 3, 50).difference.low).toBeCloseTo(-mcnemar(3, 9, 50).difference.high, 12);
  });

  test('computes many images without overflow', () => {
    expect(mcnemar(6000, 6200, 100_000).exact).toBeGreaterThan(0.05);
    expect(mcnemar(6000, 6500, 100_000).exact).toBeLessThan(1e-4);
  });

  test('computes a million images in time, as the normal distribution has it', () => {
    // One standard deviation from equal numbers.
    expect(mcnemar(200_000, 200_633, 1_000_000).midP).toBeCloseTo(0.3173, 3);
    expect(mcnemar(200_000, 200_000, 1_000_000).exact).toBe(1);
  });
});

describe('percentile gives the values of NumPy', () => {
  test.each([
    [0.025, 1.1],
    [0.5, 4],
    [0.975, 15.2],
  ])('at %d', (share, value) => expect(percentile([1, 2, 4, 8, 16], share)).toBeCloseTo(value, 12));
});

describe('bootstrapClasses', () => {
  const scores = drawScores({ count: 400, classes: 3, seed: 5 });
  const cells = decidedCells(scores);

  test('gives the same intervals for the same stream, and others for another', () => {
    const once = bootstrapClasses(cells, randomStream(1, 'bootstrap'));
    expect(bootstrapClasses(cells, randomStream(1, 'bootstrap'))).toEqual(once);
    expect(bootstrapClasses(cells, randomStream(2, 'bootstrap'))).not.toEqual(once);
  });

  test('agrees with Wilson about the recall of a class, which is a proportion', () => {
    const recalls = bootstrapClasses(cells, randomStream(1, 'bootstrap')).classes.map(({ recall }) => recall);
    for (const [of, interval] of recalls.entries()) {
      const rows = Array.from({ length: scores.count }, (_, row) => row);
      const own = rows.filter((row) => scores.targets[row * 3 + of] === 1);
      const right = own.filter(
        (row) => Math.max(...scores.logits.subarray(row * 3, row * 3 + 3)) === scores.logits[row * 3 + of],
      );
      const wilson = wilsonInterval(right.length / own.length, own.length);
      expect(Math.abs((interval?.low ?? 0) - wilson.low)).toBeLessThan(0.02);
      expect(Math.abs((interval?.high ?? 0) - wilson.high)).toBeLessThan(0.02);
    }
  });

  test('has no interval for a class that was neither there nor predicted', () => {
    const logits = Float32Array.from([5, 0, -9, 0, 5, -9]);
    const targets = Float32Array.from([1, 0, 0, 0, 1, 0]);
    const found = bootstrapClasses(
      decidedCells({ task: 'single-label', count: 2, classes: 3, logits, targets }),
      randomStream(1),
    );
    expect(found.classes[2]).toEqual({ precision: undefined, recall: undefined, f1: undefined });
  });
});
