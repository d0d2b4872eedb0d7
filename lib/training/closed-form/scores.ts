import { at, at32, sum } from '../../arithmetic.ts';
import { DataError } from '../../errors.ts';
import type { Task } from '../losses/loss.ts';
import { imageLosses } from '../metrics/negative-log-likelihood.ts';

/** Targets of the ridge regression, and how its scores become logits. */
export interface CentredTargets {
  /** float64 [count, classes]: targets minus `centre`. */
  readonly values: Float64Array;
  /** [classes]: subtracted from each class's target. */
  readonly centre: Float64Array;
  /** [classes]: added to a score before the multiplication by the temperature. */
  readonly offset: Float64Array;
}

/**
 * Centres targets. Single-label: by an equal share for every class, so that an unknown image favours no class; the
 * score is the logit. Multi-label: by the label's share of the images; a probability of one half is a logit of 0.
 * @param targets float32 [count, classes] @param weights [count]
 * @throws DataError EXAMPLE_WEIGHTS_ZERO
 */
export function centreTargets(targets: Float32Array, classes: number, task: Task, weights: Float64Array): CentredTargets {
  const sums = new Float64Array(classes);
  for (let i = 0; i < targets.length; i++)
    sums[i % classes] = at(sums, i % classes) + at32(targets, i) * at(weights, Math.floor(i / classes));
  const centre = targetCentre(task, sums, sum(weights));
  const values = Float64Array.from(targets, (target, i) => target - at(centre, i % classes));
  return { values, centre, offset: offsetOf(task, centre) };
}

/**
 * Computes what is subtracted from each class's target.
 * @param sums [classes]: weighted sums of the targets @param weight sum of the weights
 * @throws DataError EXAMPLE_WEIGHTS_ZERO
 */
export function targetCentre(task: Task, sums: Float64Array, weight: number): Float64Array {
  if (!(weight > 0)) {
    throw new DataError('EXAMPLE_WEIGHTS_ZERO', {
      at: 'training.classWeights',
      expected: 'a weight above 0 for at least one training image',
      received: weight,
      fix: 'give a class that has training images a weight above 0',
    });
  }
  return sums.map((ofClass) => (task === 'multi-label' ? ofClass / weight : 1 / sums.length));
}

/** Computes what is added to a score before the multiplication by the temperature. @param centre [classes] */
export function offsetOf(task: Task, centre: Float64Array): Float64Array {
  return centre.map((share) => (task === 'multi-label' ? share - 0.5 : 0));
}

/**
 * Computes the weighted mean negative log-likelihood of logits `temperature * (scores + offset)`; multi-label: summed
 * over the labels of an image.
 * @param scores float64 [count, classes]
 */
export function meanLossOfScores(
  scores: Float64Array,
  temperature: number,
  {
    targets,
    weights,
    offset,
    task,
  }: {
    readonly targets: Float32Array;
    readonly weights: Float64Array;
    readonly offset: Float64Array;
    readonly task: Task;
  },
): number {
  const classes = offset.length;
  const logits = Float32Array.from(scores, (score, i) => temperature * (score + at(offset, i % classes)));
  const losses = imageLosses({ task, count: weights.length, classes, logits, targets });
  const terms = task === 'multi-label' ? classes : 1;
  let [sum, total] = [0, 0];
  for (const [row, loss] of losses.entries()) {
    sum += at(weights, row) * loss * terms;
    total += at(weights, row);
  }
  return sum / total;
}
