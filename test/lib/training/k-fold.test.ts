import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Examples, memoryExamples, subsetOf, targetsOf } from '../../../lib/training/examples.ts';
import { kFold } from '../../../lib/training/k-fold.ts';

/** The input of each example is its row's number. */
const examplesOf = (labels: number[][], classes: number): Examples =>
  memoryExamples({
    inputs: Float32Array.from(labels.keys()),
    inputShape: [1],
    classes,
    targets: targetsOf(labels, classes),
  });
const rowsOf = async (examples: Examples): Promise<number[]> => [
  ...(await examples.gather(Array.from({ length: examples.count }, (_, row) => row))).inputs,
];
/** The parts as examples. */
const partsOf = (examples: Examples, k: number, seed: number): Record<'train' | 'validation', Examples>[] =>
  kFold(examples, k, seed).map(({ train, validation }) => ({
    train: subsetOf(examples, train),
    validation: subsetOf(examples, validation),
  }));
const spread = (values: number[]): number => Math.max(...values) - Math.min(...values);

const classes = 4;
const folds = fc.integer({ min: 2, max: 6 });
const labelsOf = (perRow: fc.Arbitrary<number[]>) => fc.array(perRow, { minLength: 6, maxLength: 60 });
const single = labelsOf(fc.nat(classes - 1).map((label) => [label]));
const several = labelsOf(fc.subarray([0, 1, 2, 3]));

describe('kFold', () => {
  it('judges each example once, by a model that has not seen it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(single, several), folds, fc.nat(), async (labels, k, seed) => {
        const all = [...labels.keys()];
        const parts = partsOf(examplesOf(labels, classes), k, seed);
        const judged = await Promise.all(parts.map(({ validation }) => rowsOf(validation)));
        expect(judged.flat().sort((a, b) => a - b)).toEqual(all);
        for (const [fold, { train }] of parts.entries()) {
          expect([...(await rowsOf(train)), ...judged[fold]!].sort((a, b) => a - b)).toEqual(all);
        }
      }),
    );
  });

  it('keeps size and classes of the folds equal within one example, where each has one label', () => {
    fc.assert(
      fc.property(single, folds, fc.nat(), (labels, k, seed) => {
        const parts = partsOf(examplesOf(labels, classes), k, seed);
        const validation = parts.map((part) => part.validation);
        expect(spread(validation.map(({ count }) => count))).toBeLessThanOrEqual(1);
        for (let of = 0; of < classes; of++) {
          expect(spread(validation.map(({ classCounts }) => classCounts[of]!))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('spreads rare labels over the folds where examples have several', () => {
    const labels = Array.from({ length: 60 }, (_, row) => [
      ...(row % 10 === 0 ? [0] : []),
      ...(row % 2 === 0 ? [1] : []),
      ...(row % 3 === 1 ? [2] : []),
    ]);
    for (let seed = 0; seed < 20; seed++) {
      const validation = partsOf(examplesOf(labels, 3), 3, seed).map((fold) => fold.validation);
      expect(validation.map(({ classCounts }) => classCounts[0])).toEqual([2, 2, 2]);
      expect(spread(validation.map(({ classCounts }) => classCounts[1]!))).toBeLessThanOrEqual(2);
      expect(spread(validation.map(({ count }) => count))).toBeLessThanOrEqual(2);
    }
  });

  it('deals the same for the same seed, and otherwise for another', async () => {
    const examples = examplesOf(
      Array.from({ length: 40 }, (_, row) => [row % classes]),
      classes,
    );
    const dealt = (seed: number): Promise<number[][]> =>
      Promise.all(partsOf(examples, 4, seed).map(({ validation }) => rowsOf(validation)));
    expect(await dealt(1)).toEqual(await dealt(1));
    expect(await dealt(1)).not.toEqual(await dealt(2));
  });

  it.each([1, 7, 2.5])('refuses %d folds of 6 examples', (k) => {
    expect(() => kFold(examplesOf([[0], [0], [1], [1], [2], [3]], classes), k, 0)).toThrow(
      expect.objectContaining({ code: 'FOLDS_TOO_MANY' }),
    );
  });
});
