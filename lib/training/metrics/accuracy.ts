import { decisionsOf, type LabelledLogits } from './labelled-logits.ts';

/**
 * Single-label: the share of examples whose class is right. Multi-label: the share of right decisions on a label of an
 * example, as Keras's BinaryAccuracy.
 */
export function accuracy(scores: LabelledLogits, thresholds?: readonly number[]): number {
  const { task, targets, count, classes } = scores;
  const decisions = decisionsOf(scores, thresholds);
  const wrong = targets.reduce((sum, target, i) => sum + Number(target > 0.5 !== (decisions[i] === 1)), 0);
  // A wrong class counts as two wrong decisions: the wrong class and the missed one.
  return task === 'multi-label' ? 1 - wrong / (count * classes) : 1 - wrong / 2 / count;
}
