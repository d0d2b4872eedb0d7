import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageCurve } from '../../../../lib/reports/statistics/coverage-curve.ts';
import { averagePrecision, precisionRecallCurve } from '../../../../lib/reports/statistics/precision-recall-curve.ts';
import { areaUnder, type CurvePoint, rocCurve } from '../../../../lib/reports/statistics/roc-curve.ts';
import { thinCurve } from '../../../../lib/reports/statistics/thin-curve.ts';
import { choiceForRecall, thresholdChoices } from '../../../../lib/reports/statistics/threshold-choices.ts';
import { rankScores } from '../../../../lib/training/metrics/rank-scores.ts';

const targets = [0, 0, 1, 1, 0, 1, 0, 1, 1, 0];
const scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.65, 0.2, 0.9, 0.4, 0.7];
const ranked = rankScores(scores, (row) => targets[row] === 1);

function expectPoints(found: readonly CurvePoint[] | undefined, expected: readonly CurvePoint[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, [x, y]] of expected.entries()) {
    expect(found?.[i]?.[0]).toBeCloseTo(x, 12);
    expect(found?.[i]?.[1]).toBeCloseTo(y, 12);
  }
}

describe('curves have the values of scikit-learn', () => {
  test('roc_curve(drop_intermediate=False) and roc_auc_score', () => {
    const curve = rocCurve(ranked) ?? [];
    expectPoints(curve, [
      [0, 0],
      [0, 0.2],
      [0, 0.4],
      [0.2, 0.4],
      [0.2, 0.6],
      [0.6, 0.8],
      [0.6, 1],
      [0.8, 1],
      [1, 1],
    ]);
    expect(areaUnder(curve)).toBeCloseTo(0.76, 12);
  });

  test('precision_recall_curve and average_precision_score', () => {
    const curve = precisionRecallCurve(ranked) ?? [];
    // scikit-learn goes from the lowest threshold, and on to thresholds below the last positive.
    expectPoints(curve, [
      [0, 1],
      [0.2, 1],
      [0.4, 1],
      [0.4, 0.6666666666666666],
      [0.6, 0.75],
      [0.8, 0.5714285714285714],
      [1, 0.625],
    ]);
    expect(averagePrecision(curve)).toBeCloseTo(0.7892857142857144, 12);
  });

  test('there is none without positives or without negatives', () => {
    expect(rocCurve(rankScores([0.1, 0.9], () => false))).toBeUndefined();
    expect(rocCurve(rankScores([0.1, 0.9], () => true))).toBeUndefined();
    expect(precisionRecallCurve(rankScores([0.1, 0.9], () => false))).toBeUndefined();
  });
});

describe('thinCurve', () => {
  test('keeps corners, and leaves out what lies on a line', () => {
    const steps: CurvePoint[] = [0, 0.1, 0.2, 0.3].map((y) => [0, y]);
    const flat: CurvePoint[] = [0.1, 0.5, 1].map((x) => [x, 0.3]);
    expect(thinCurve([...steps, ...flat])).toEqual([
      [0, 0],
      [0, 0.3],
      [1, 0.3],
    ]);
  });

  test('changes the area under a ROC curve by less than its tolerance, and keeps both ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 2, maxLength: 300 }),
        (images) => {
          const curve = rocCurve(
            rankScores(
              images.map(([score]) => score),
              (row) => images[row]?.[1] === true,
            ),
          );
          fc.pre(curve !== undefined);
          const thinned = thinCurve(curve ?? [], 0.01);
          expect([thinned[0], thinned.at(-1)]).toEqual([
            [0, 0],
            [1, 1],
          ]);
          expect(Math.abs(areaUnder(thinned) - areaUnder(curve ?? []))).toBeLessThan(0.03);
        },
      ),
    );
  });
});

test('coverageCurve takes the images from the most certain one', () => {
  const isRight = [true, false, true, true];
  expect(coverageCurve([0.9, 0.6, 0.6, 0.5], (row) => isRight[row] === true)).toEqual([
    { threshold: 0.9, coverage: 0.25, accuracy: 1 },
    { threshold: 0.6, coverage: 0.75, accuracy: 2 / 3 },
    { threshold: 0.5, coverage: 1, accuracy: 0.75 },
  ]);
});

describe('thresholdChoices', () => {
  const choices = thresholdChoices(ranked);

  test('has precision and recall of each threshold', () => {
    expect(choices).toContainEqual({ threshold: 0.65, support: 4, precision: 0.75, recall: 0.6 });
  });

  test('finds the highest threshold for a recall', () => {
    expect(choiceForRecall(choices, 0.7)).toMatchObject({ threshold: 0.4, recall: 0.8 });
  });
});
