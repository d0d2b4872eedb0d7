import type { ModelReport } from '../../contracts/model-report.ts';
import { balancedAccuracy, macroF1, microF1 } from '../../training/metrics/class-averages.ts';
import type { ClassCounts } from '../../training/metrics/confusion-counts.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { negativeLogLikelihood } from '../../training/metrics/negative-log-likelihood.ts';
import { wilsonInterval } from '../../training/metrics/wilson-interval.ts';
import type { BootstrapResult } from '../statistics/bootstrap-classes.ts';
import { calibrationErrorOf, reliabilityBins } from '../statistics/reliability-bins.ts';
import { estimate, rounded } from './rounded.ts';

interface HeadlineInput {
  /** Number of images whose labels are all right. */
  readonly right: number;
  readonly bootstrap: BootstrapResult;
  /** Undefined for a single-label model, and if no image has a label. */
  readonly meanAveragePrecision: number | undefined;
  /** [count, classes] */
  readonly probabilities: Float64Array;
}

/** The metrics of the whole model, with intervals. */
export function measureHeadline(
  scores: LabelledLogits,
  counts: readonly ClassCounts[],
  { right, bootstrap, meanAveragePrecision, probabilities }: HeadlineInput,
): ModelReport['metrics'] {
  const { task } = scores;
  const count = Math.max(1, scores.count);
  const [macro, micro] = [macroF1(counts), microF1(counts)];
  return {
    accuracy: estimate(right / count, wilsonInterval(right / count, count)),
    ...(task === 'single-label' && { balancedAccuracy: estimate(balancedAccuracy(counts), bootstrap.balancedAccuracy) }),
    ...(macro !== undefined && { macroF1: estimate(macro, bootstrap.macroF1) }),
    ...(task === 'multi-label' && micro !== undefined && { microF1: estimate(micro, bootstrap.microF1) }),
    ...(task === 'multi-label' && meanAveragePrecision !== undefined && { meanAveragePrecision: rounded(meanAveragePrecision) }),
    negativeLogLikelihood: rounded(negativeLogLikelihood(scores)),
    expectedCalibrationError: rounded(calibrationErrorOf(reliabilityBins(scores, probabilities))),
  };
}
