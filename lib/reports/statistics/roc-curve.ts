import { at } from '../../arithmetic.ts';
import type { RankedScores } from '../../training/metrics/rank-scores.ts';

/** A point of a curve: [x, y]. */
export type CurvePoint = readonly [x: number, y: number];

/**
 * Returns the ROC curve: true positive rate over false positive rate, from (0, 0) to (1, 1).
 * @returns undefined if there are no positives or no negatives
 */
export function rocCurve({ truePositives, falsePositives, positives, negatives }: RankedScores): CurvePoint[] | undefined {
  if (positives === 0 || negatives === 0) return undefined;
  const points = Array.from(
    truePositives,
    (found, step): CurvePoint => [at(falsePositives, step) / negatives, found / positives],
  );
  return [[0, 0], ...points];
}

/** Computes the area under a curve by the trapezoidal rule. @param points in ascending order of x */
export function areaUnder(points: readonly CurvePoint[]): number {
  let area = 0;
  for (const [i, [x, y]] of points.entries()) {
    const [nextX, nextY] = points[i + 1] ?? [x, y];
    area += ((nextX - x) * (y + nextY)) / 2;
  }
  return area;
}
