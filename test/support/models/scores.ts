import { randomStream } from '../../../lib/random.ts';
import { type LabelledLogits, probabilitiesOf } from '../../../lib/training/metrics/labelled-logits.ts';

export type DrawnScores = LabelledLogits;

/**
 * Scores of a network whose confidence is wrong by a known factor: targets are drawn from what the logits say, which
 * are then multiplied by `temperature` and moved by `offsets`.
 */
export function drawScores({
  task = 'single-label',
  count,
  classes,
  temperature = 1,
  offsets = [],
  spread = 2,
  seed,
}: {
  readonly task?: LabelledLogits['task'];
  readonly count: number;
  readonly classes: number;
  readonly temperature?: number;
  /** Of the multi-label logits of each class, added behind the temperature. */
  readonly offsets?: readonly number[];
  /** Standard deviation of the true logits. */
  readonly spread?: number;
  readonly seed: number;
}): LabelledLogits {
  const random = randomStream(seed, 'scores');
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const truth = Float32Array.from({ length: count * classes }, () => spread * gauss());
  const probabilities = probabilitiesOf({ task, count, classes, logits: truth, targets: truth });
  const targets = new Float32Array(truth.length);
  for (let row = 0; row < count; row++) {
    let left = random.next();
    for (let of = 0; of < classes; of++) {
      const at = row * classes + of;
      if (task === 'multi-label') targets[at] = Number(random.next() < (probabilities[at] ?? 0));
      else {
        const isLast = of === classes - 1;
        targets[at] = Number(left >= 0 && (isLast || left < (probabilities[at] ?? 0)));
        left = targets[at] === 1 ? -1 : left - (probabilities[at] ?? 0);
      }
    }
  }
  const logits = truth.map((logit, i) => logit * temperature + (offsets[i % classes] ?? 0));
  return { task, count, classes, logits, targets };
}
