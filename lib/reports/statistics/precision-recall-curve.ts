import { at } from '../../arithmetic.ts';
import type { RankedScores } from '../../training/metrics/rank-scores.ts';
import type { CurvePoint } from './roc-curve.ts';

/**
 * Returns the precision-recall curve as points (recall, precision), from the highest threshold to the lowest. It starts
 * at recall 0 with precision 1, and ends where recall is 1.
 * @returns undefined if there are no positives
 */
export function precisionRecallCurve({ truePositives, falsePositives, positives }: RankedScores): CurvePoint[] | undefined {
  if (positives === 0) return undefined;
  const points: CurvePoint[] = [[0, 1]];
  for (const [step, found] of truePositives.entries()) {
    points.push([found / positives, found / (found + at(falsePositives, step))]);
    if (found === positives) break;
  }
  return points;
}

/** Computes the average precision: the sum of (recall gained) times (precision) over the steps, as scikit-learn does. */
export function averagePrecision(curve: readonly CurvePoint[]): number {
  let area = 0;
  let before = 0;
  for (const [recall, precision] of curve) {
    area += (recall - before) * precision;
    before = recall;
  }
  return area;
}
