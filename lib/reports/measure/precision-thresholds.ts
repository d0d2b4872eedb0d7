import { at } from '../../arithmetic.ts';
import { type Abstention, PRECISIONS, type PrecisionThresholds } from '../../contracts/abstention.ts';
import { type LabelledLogits, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import { type RankedScores, rankClass, rankScores } from '../../training/metrics/rank-scores.ts';
import { wilsonLowerBound } from '../../training/metrics/wilson-interval.ts';
import { predictedClasses } from '../statistics/confusion-pairs.ts';
import { reachesPrecision } from './reaches-precision.ts';
import { rounded } from './rounded.ts';

/**
 * Finds the lowest probabilities at which predictions reach each precision: of the predicted class, or of each label of
 * a multi-label model. A threshold counts only if it rests on enough predictions: see MOST_ERRORS.
 * @param scores calibrated, of images that the network was not trained on
 */
export function precisionThresholds(scores: LabelledLogits): Abstention {
  const choose = scores.task === 'single-label' ? ofPredictedClass(scores) : ofEachLabel(scores);
  return { images: scores.count, targets: PRECISIONS.map(choose) };
}

type Choose = (precision: number) => PrecisionThresholds;

/** A threshold, and the predictions that it rests on. */
interface Choice {
  readonly threshold: number;
  readonly support: number;
  readonly precision: number;
  readonly lowerBound: number;
}

function ofPredictedClass(scores: LabelledLogits): Choose {
  const { truth, predicted } = predictedClasses(scores);
  const probabilities = probabilitiesOf(scores);
  const confidences = Float64Array.from(predicted, (of, row) => at(probabilities, row * scores.classes + of));
  const choices = choicesOf(rankScores(confidences, (row) => truth[row] === predicted[row]));
  return (precision) => {
    const chosen = lowest(choices, precision);
    return { precision, ...describe([chosen]), coverage: (chosen?.support ?? 0) / Math.max(1, scores.count) };
  };
}

function ofEachLabel(scores: LabelledLogits): Choose {
  const probabilities = probabilitiesOf(scores);
  const choices = Array.from({ length: scores.classes }, (_, of) => choicesOf(rankClass(scores, probabilities, of)));
  return (precision) => ({ precision, ...describe(choices.map((some) => lowest(some, precision))) });
}

/** All thresholds, the highest first. */
function choicesOf({ thresholds, truePositives, falsePositives }: RankedScores): Choice[] {
  return Array.from(thresholds, (threshold, step) => {
    const support = at(truePositives, step) + at(falsePositives, step);
    const precision = at(truePositives, step) / support;
    return { threshold, support, precision, lowerBound: wilsonLowerBound(precision, support) };
  });
}

function lowest(choices: readonly Choice[], least: number): Choice | undefined {
  return choices.findLast((choice) => reachesPrecision(choice, least));
}

function describe(choices: readonly (Choice | undefined)[]): Pick<PrecisionThresholds, 'thresholds' | 'support' | 'lowerBounds'> {
  return {
    thresholds: choices.map((choice) => choice?.threshold ?? null),
    support: choices.map((choice) => choice?.support ?? null),
    lowerBounds: choices.map((choice) => (choice === undefined ? null : rounded(choice.lowerBound))),
  };
}
