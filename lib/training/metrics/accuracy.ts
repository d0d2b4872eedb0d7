import { sum } from '../../arithmetic.ts';
import { decisionsOf, type LabelledLogits } from './labelled-logits.ts';

/**
 * Single-label: the share of examples whose class is right. Multi-label: the share of right decisions on a label of an
 * example, as Keras's BinaryAccuracy.
 */
export function accuracy(scores: LabelledLogits, thresholds?: readonly number[]): number {
  const { task, count, classes } = scores;
  const decisions = task === 'multi-label' ? count * classes : count;
  return 1 - sum(imageErrors(scores, thresholds)) / decisions;
}

/** Counts the wrong decisions on each example, [count]. Single-label: 1 if its class is wrong. */
export function imageErrors(scores: LabelledLogits, thresholds?: readonly number[]): Float64Array {
  const { task, targets, count, classes } = scores;
  const decisions = decisionsOf(scores, thresholds);
  // A wrong class is two wrong decisions: the wrong class and the missed one.
  const each = task === 'multi-label' ? 1 : 1 / 2;
  const errors = new Float64Array(count);
  for (const [i, target] of targets.entries()) {
    const row = Math.floor(i / classes);
    if (target > 0.5 !== (decisions[i] === 1)) errors[row] = (errors[row] ?? 0) + each;
  }
  return errors;
}
