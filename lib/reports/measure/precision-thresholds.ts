import { at } from '../../arithmetic.ts';
import { type Abstention, PRECISIONS, type PrecisionThresholds } from '../../contracts/abstention.ts';
import { type LabelledLogits, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import { predictedClasses } from '../statistics/confusion-pairs.ts';
import { coverageCurve } from '../statistics/coverage-curve.ts';
import { rankClass } from '../statistics/rank-scores.ts';
import { choiceForPrecision, thresholdChoices } from '../statistics/threshold-choices.ts';

/**
 * Finds the lowest probabilities at which predictions reach each precision: of the predicted class, or of each label of
 * a multi-label model.
 * @param scores calibrated, of images that the network was not trained on
 */
export function precisionThresholds(scores: LabelledLogits): Abstention {
  const choose = scores.task === 'single-label' ? ofPredictedClass(scores) : ofEachLabel(scores);
  return { images: scores.count, targets: PRECISIONS.map(choose) };
}

type Choose = (precision: number) => PrecisionThresholds;

function ofPredictedClass(scores: LabelledLogits): Choose {
  const { truth, predicted } = predictedClasses(scores);
  const probabilities = probabilitiesOf(scores);
  const confidences = Float64Array.from(predicted, (of, row) => at(probabilities, row * scores.classes + of));
  const curve = coverageCurve(confidences, (row) => truth[row] === predicted[row]);
  return (precision) => {
    const point = curve.findLast(({ accuracy }) => accuracy >= precision);
    return { precision, thresholds: [point?.threshold ?? null], coverage: point?.coverage ?? 0 };
  };
}

function ofEachLabel(scores: LabelledLogits): Choose {
  const probabilities = probabilitiesOf(scores);
  const choices = Array.from({ length: scores.classes }, (_, of) => thresholdChoices(rankClass(scores, probabilities, of)));
  return (precision) => ({
    precision,
    thresholds: choices.map((some) => choiceForPrecision(some, precision)?.threshold ?? null),
  });
}
