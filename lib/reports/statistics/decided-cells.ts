import { decisionsOf, type LabelledLogits } from '../../training/metrics/labelled-logits.ts';

/** What a decision on a class of an image was. True negatives are not listed: there are too many. */
export const CELL = { truePositive: 0, falsePositive: 1, falseNegative: 2 } as const;

/**
 * The decisions of all images that are not true negatives. The cells of image i are at `starts[i]` to `starts[i + 1]`.
 */
export interface DecidedCells {
  /** Number of images. */
  readonly count: number;
  readonly classes: number;
  /** [count + 1] */
  readonly starts: Uint32Array;
  /** The class of each cell. */
  readonly classOf: Uint32Array;
  /** A value of CELL for each cell. */
  readonly kindOf: Uint8Array;
}

/** Lists the decisions of a model on all images. @param thresholds as `decisionsOf` */
export function decidedCells(scores: LabelledLogits, thresholds?: readonly number[]): DecidedCells {
  const { count, classes, targets } = scores;
  const decisions = decisionsOf(scores, thresholds);
  const starts = new Uint32Array(count + 1);
  const classOf: number[] = [];
  const kindOf: number[] = [];
  for (let row = 0; row < count; row++) {
    for (let of = 0; of < classes; of++) {
      const decided = decisions[row * classes + of] === 1;
      const truth = (targets[row * classes + of] ?? 0) > 0.5;
      if (!decided && !truth) continue;
      classOf.push(of);
      kindOf.push(decided && truth ? CELL.truePositive : decided ? CELL.falsePositive : CELL.falseNegative);
    }
    starts[row + 1] = classOf.length;
  }
  return { count, classes, starts, classOf: Uint32Array.from(classOf), kindOf: Uint8Array.from(kindOf) };
}
