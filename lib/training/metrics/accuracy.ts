import type { Task } from '../losses/loss.ts';

/** Scores or logits, and targets, [count, classes] each. */
export interface Answers {
  readonly count: number;
  readonly classes: number;
  readonly logits: Float32Array;
  readonly targets: Float32Array;
}

/** Single-label: the share of examples whose largest logit is right. Multi-label: of decisions at probability 0.5, as Keras's BinaryAccuracy. */
export function accuracyOf(task: Task, { count, classes, logits, targets }: Answers): number {
  let right = 0;
  if (task === 'multi-label') {
    for (const [i, logit] of logits.entries()) if (logit > 0 === (targets[i] ?? 0) > 0.5) right++;
    return right / logits.length;
  }
  for (let row = 0; row < count; row++) {
    const range = [row * classes, (row + 1) * classes] as const;
    if (argMax(logits.subarray(...range)) === argMax(targets.subarray(...range))) right++;
  }
  return right / count;
}

/** The index of the largest value, the first of equals. */
export function argMax(values: Float32Array): number {
  let largest = 0;
  for (const [i, value] of values.entries()) if (value > (values[largest] ?? 0)) largest = i;
  return largest;
}
