import type { ServedCard } from '../contracts/served-card.ts';
import { SpecError } from '../errors.ts';

/** Above every probability: such a label is never given. */
const UNREACHABLE = Number.POSITIVE_INFINITY;

/**
 * Finds the probabilities from which predictions have a precision, by the held-out images of the model's training.
 * @returns of a single-label model one threshold for the predicted class, of a multi-label model one for each label
 * @throws SpecError PRECISION_UNAVAILABLE if the model has no such thresholds, or does not reach the precision
 */
export function thresholdsFor({ model, task, abstention }: ServedCard, precision: number): number[] {
  if (task === 'one-class') {
    throw new SpecError('PRECISION_UNAVAILABLE', {
      at: 'precision',
      expected: 'a classifier: a one-class model has the threshold of its rate',
      received: model,
      fix: 'leave precision out, and use `known` of each prediction; another novelty.rate needs another training',
    });
  }
  const target = abstention?.targets.find((one) => one.precision >= precision);
  const reached = target?.thresholds.some((threshold) => threshold !== null) ?? false;
  if (target !== undefined && reached) return target.thresholds.map((threshold) => threshold ?? UNREACHABLE);
  const best = abstention?.targets.findLast(({ thresholds }) => thresholds.some((threshold) => threshold !== null));
  throw new SpecError('PRECISION_UNAVAILABLE', {
    at: 'precision',
    expected: best === undefined ? 'a model with thresholds for a precision' : `at most ${best.precision}`,
    received: abstention === undefined ? `${model}, which has none` : precision,
    fix:
      abstention === undefined
        ? 'train the model again, or use abstain'
        : `ask for less, or train with more images: ${task === 'multi-label' ? 'no label reaches' : 'it does not reach'} it on enough ` +
          `of the ${abstention.images} held-out images`,
  });
}
