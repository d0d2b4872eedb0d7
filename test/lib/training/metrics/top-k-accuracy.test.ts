import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../../lib/training/metrics/accuracy.ts';
import type { LabelledLogits } from '../../../../lib/training/metrics/labelled-logits.ts';
import { topKAccuracy } from '../../../../lib/training/metrics/top-k-accuracy.ts';

const answers = (logits: number[][], classes: number[]): LabelledLogits => ({
  task: 'single-label',
  count: logits.length,
  classes: logits[0]!.length,
  logits: Float32Array.from(logits.flat()),
  targets: Float32Array.from(classes.flatMap((of) => logits[0]!.map((_, i) => Number(i === of)))),
});

describe('topKAccuracy', () => {
  it.each([
    { k: 1, expected: 0.25 },
    { k: 2, expected: 0.5 },
    { k: 3, expected: 0.75 },
    { k: 4, expected: 1 },
  ])('counts examples whose class is among the first $k', ({ k, expected }) => {
    const row = [4, 3, 2, 1];
    expect(topKAccuracy(answers([row, row, row, row], [0, 1, 2, 3]), k)).toBe(expected);
  });

  it('is the accuracy for one, equal logits too, and never falls with more', () => {
    const row = fc.tuple(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 5, maxLength: 5 }), fc.nat(4));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 10 }), (rows) => {
        const given = answers(
          rows.map(([logits]) => logits),
          rows.map(([, of]) => of),
        );
        const shares = [1, 2, 3, 4, 5].map((k) => topKAccuracy(given, k));
        expect(shares[0]).toBeCloseTo(accuracy(given), 9);
        expect(shares).toEqual(shares.toSorted((a, b) => a - b));
        expect(shares[4]).toBe(1);
      }),
    );
  });
});
