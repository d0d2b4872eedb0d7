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
  /** Undefined for a single-label model. */
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
  return {
    accuracy: estimate(right / count, wilsonInterval(right / count, count)),
    ...(task === 'single-label' && { balancedAccuracy: estimate(balancedAccuracy(counts), bootstrap.balancedAccuracy) }),
    macroF1: estimate(macroF1(counts), bootstrap.macroF1),
    ...(task === 'multi-label' && { microF1: estimate(microF1(counts), bootstrap.microF1) }),
    ...(task === 'multi-label' && meanAveragePrecision !== undefined && { meanAveragePrecision: rounded(meanAveragePrecision) }),
    negativeLogLikelihood: rounded(negativeLogLikelihood(scores)),
    expectedCalibrationError: rounded(calibrationErrorOf(reliabilityBins(scores, probabilities))),
  };
}
