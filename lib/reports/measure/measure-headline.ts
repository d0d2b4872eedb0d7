import { mean } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { balancedAccuracy, macroF1, microF1 } from '../../training/metrics/class-averages.ts';
import type { ConfusionCounts } from '../../training/metrics/confusion-counts.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { negativeLogLikelihood } from '../../training/metrics/negative-log-likelihood.ts';
import { wilsonInterval } from '../../training/metrics/wilson-interval.ts';
import type { BootstrapResult } from '../statistics/bootstrap-classes.ts';
import { effectiveCount, type ImageGroups } from '../statistics/image-groups.ts';
import { calibrationErrorOf, reliabilityBins } from '../statistics/reliability-bins.ts';
import { estimate, rounded } from './rounded.ts';

interface HeadlineInput {
  /** [count]: 1 for an image whose labels are all right, else 0. */
  readonly right: readonly number[];
  readonly groups: ImageGroups;
  readonly bootstrap: BootstrapResult;
  /** Undefined for a single-label model, and if no image has a label. */
  readonly meanAveragePrecision: number | undefined;
  /** [count, classes] */
  readonly probabilities: Float64Array;
}

/** The metrics of the whole model, with intervals. */
export function measureHeadline(
  scores: LabelledLogits,
  counts: readonly ConfusionCounts[],
  { right, groups, bootstrap, meanAveragePrecision, probabilities }: HeadlineInput,
): ModelReport['metrics'] {
  const { task } = scores;
  const accuracy = mean(right);
  const images = groups === undefined ? Math.max(1, scores.count) : effectiveCount(right, groups);
  const [macro, micro] = [macroF1(counts), microF1(counts)];
  return {
    accuracy: estimate(accuracy, wilsonInterval(accuracy, images)),
    ...(task === 'single-label' && { balancedAccuracy: estimate(balancedAccuracy(counts), bootstrap.balancedAccuracy) }),
    ...(macro !== undefined && { macroF1: estimate(macro, bootstrap.macroF1) }),
    ...(task === 'multi-label' && micro !== undefined && { microF1: estimate(micro, bootstrap.microF1) }),
    ...(task === 'multi-label' && meanAveragePrecision !== undefined && { meanAveragePrecision: rounded(meanAveragePrecision) }),
    negativeLogLikelihood: rounded(negativeLogLikelihood(scores)),
    expectedCalibrationError: rounded(calibrationErrorOf(reliabilityBins(scores, probabilities))),
  };
}
