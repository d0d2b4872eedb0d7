import { at32 } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import type { ReportCurve } from '../../contracts/report-parts.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { type RankedScores, rankClass, rankScores } from '../../training/metrics/rank-scores.ts';
import { averagePrecision, precisionRecallCurve } from '../statistics/precision-recall-curve.ts';
import { areaUnder, type CurvePoint, rocCurve } from '../statistics/roc-curve.ts';
import { thinCurve } from '../statistics/thin-curve.ts';
import { rounded, roundedPoint } from './rounded.ts';

/** The most curves of a figure. */
const MOST_CURVES = 5;
/** More probabilities than this take seconds to sort. */
const MOST_POOLED = 1_000_000;

/**
 * ROC and precision-recall curves, one class against the rest. Of many classes the curves are those of the classes with
 * the lowest F1, and that of all decisions together.
 * @param probabilities [count, classes], of `scores`
 * @param worst classes in order of their F1
 */
export function measureCurves(
  scores: LabelledLogits,
  probabilities: Float64Array,
  labels: readonly string[],
  worst: readonly number[],
): Pick<ModelReport, 'roc' | 'precisionRecall'> {
  const { task, classes, targets } = scores;
  // With two exclusive classes, the curve of one is that of the other.
  const wanted = task === 'single-label' && classes === 2 ? [1] : worst.slice(0, MOST_CURVES).sort((a, b) => a - b);
  const all = wanted.map((of) => ({ label: labels[of] ?? '', ranked: rankClass(scores, probabilities, of) }));
  const canPool = classes > wanted.length && classes > 2 && probabilities.length <= MOST_POOLED;
  const pooled = canPool ? [{ ranked: rankScores(probabilities, (i) => at32(targets, i) > 0.5) }] : [];
  const curves = [...pooled, ...all];
  const roc = curves.flatMap((one) => curveOf(one, rocCurve, areaUnder));
  const precisionRecall = curves.flatMap((one) => curveOf(one, precisionRecallCurve, averagePrecision));
  return { ...(roc.length > 0 && { roc }), ...(precisionRecall.length > 0 && { precisionRecall }) };
}

function curveOf(
  { label, ranked }: { readonly label?: string; readonly ranked: RankedScores },
  pointsOf: (ranked: RankedScores) => CurvePoint[] | undefined,
  areaOf: (points: readonly CurvePoint[]) => number,
): ReportCurve[] {
  const points = pointsOf(ranked);
  if (points === undefined) return [];
  return [{ ...(label !== undefined && { label }), area: rounded(areaOf(points)), points: thinCurve(points).map(roundedPoint) }];
}
