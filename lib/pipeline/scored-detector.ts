import type { ScoredImages } from '../reports/measure/scored-images.ts';
import { detectorLogits } from '../training/evaluate-detector.ts';
import type { FittedDetector } from '../training/novelty/fit-detector.ts';
import { withGroups } from './score-evaluation.ts';
import type { TrainingContext } from './training-context.ts';

/** What the report of a one-class model is made from: the test images, or without them the held-out images. */
export function scoredDetector(
  {
    detector,
    sample,
    tested,
    scores,
  }: {
    readonly detector: FittedDetector;
    /** Rows of the data set that the detector was fitted to, and of its test images with their scores. */
    readonly sample: readonly number[];
    readonly tested: readonly number[];
    readonly scores: Float32Array;
  },
  context: Pick<TrainingContext, 'dataset' | 'split'>,
): ScoredImages {
  const { train, validation, test, leakingGroups } = context.split;
  const of =
    tested.length > 0
      ? { part: 'test' as const, rows: tested, scores }
      : { part: 'held-out' as const, rows: sample, scores: detector.heldOut };
  return {
    facts: {
      part: of.part,
      of: of.rows.length,
      splits: { train: [train.length], validation: [validation.length], test: [test.length] },
      images: { train: train.length, validation: validation.length, test: test.length },
      leakingGroups: leakingGroups.length,
      sizesOmitted: 'A one-class model has no head to fit to parts of the training images.',
    },
    scores: detectorLogits(
      of.scores,
      of.scores.map(() => 1),
      detector,
    ),
    rows: of.rows,
    ...withGroups(of.rows, context),
    novelty: of.scores,
  };
}
