import { at } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import type { PredictedClasses } from '../statistics/confusion-pairs.ts';
import { coverageCurve } from '../statistics/coverage-curve.ts';
import { thinCurve } from '../statistics/thin-curve.ts';
import { rounded, roundedPoint } from './rounded.ts';

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** Accuracy of a single-label model on the images that it does not abstain from. @param probabilities [count, classes] */
export function measureCoverage(
  { truth, predicted, classes }: PredictedClasses,
  probabilities: Float64Array,
): NonNullable<ModelReport['coverage']> {
  const confidences = Float64Array.from(predicted, (of, row) => at(probabilities, row * classes + of));
  const curve = coverageCurve(confidences, (row) => truth[row] === predicted[row]);
  const thresholds = THRESHOLDS.map((threshold) => {
    const point = curve.findLast((one) => one.threshold >= threshold);
    return { threshold, coverage: rounded(point?.coverage ?? 0), ...(point && { accuracy: rounded(point.accuracy) }) };
  });
  return { points: thinCurve(curve.map(({ coverage, accuracy }) => [coverage, accuracy])).map(roundedPoint), thresholds };
}
