import { argMax } from '../../arithmetic.ts';
import type { Task } from '../losses/loss.ts';

/** Single-label: the share of examples whose largest logit is right. Multi-label: of decisions at probability 0.5. */
export function batchAccuracy(
  task: Task,
  logits: Float32Array = new Float32Array(),
  targets: Float32Array,
  classes: number,
): number {
  let right = 0;
  if (task === 'multi-label') {
    for (const [i, target] of targets.entries()) if ((logits[i] ?? 0) > 0 === target > 0.5) right += 1;
    return right / targets.length;
  }
  const count = targets.length / classes;
  for (let row = 0; row < count; row++) {
    if (argMax(logits, row * classes, classes) === argMax(targets, row * classes, classes)) right += 1;
  }
  return right / count;
}
