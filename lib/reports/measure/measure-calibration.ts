import type { ModelCard } from '../../contracts/model-card.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { type LabelledLogits, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import { negativeLogLikelihood } from '../../training/metrics/negative-log-likelihood.ts';
import { calibrationErrorOf, reliabilityBins } from '../statistics/reliability-bins.ts';
import { rounded } from './rounded.ts';

type CalibrationState = NonNullable<ModelReport['calibration']>['after'];

/**
 * Compares the probabilities of the evaluated images before and after calibration. The last layer of the served graph
 * applies the calibration, so the logits before it follow from its scales and offsets.
 */
export function measureCalibration(
  scores: LabelledLogits,
  probabilities: Float64Array,
  { temperature, calibration }: ModelCard,
): ModelReport['calibration'] {
  if (calibration === undefined) return undefined;
  const { method, scales, offsets } = calibration;
  const { classes } = scores;
  const logits = scores.logits.map((logit, i) => {
    const of = i % classes;
    return (logit - (offsets?.[of] ?? 0)) / (scales?.[of] ?? 1 / temperature);
  });
  const before = { ...scores, logits };
  return { method, before: stateOf(before, probabilitiesOf(before)), after: stateOf(scores, probabilities) };
}

function stateOf(scores: LabelledLogits, probabilities: Float64Array): CalibrationState {
  const bins = reliabilityBins(scores, probabilities);
  return {
    negativeLogLikelihood: rounded(negativeLogLikelihood(scores)),
    expectedCalibrationError: rounded(calibrationErrorOf(bins)),
    bins: bins.map(({ confidence, accuracy, count }) => ({
      confidence: rounded(confidence),
      accuracy: rounded(accuracy),
      count,
    })),
  };
}
