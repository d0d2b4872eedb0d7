import { z } from 'zod';

/** Seconds of a fine-tuning: estimated, and after it corrected by the measured pace. */
export const TuningSeconds = z.strictObject({
  /** To train, and to evaluate each epoch and each interpolation; after it with the fine-tunings before it. */
  training: z.number(),
  /** The longest epoch. */
  epoch: z.number(),
  /** To retrain on training and validation images. */
  refit: z.number(),
  /** To train once more for each fold and each repeat. */
  validating: z.number(),
  /** To evaluate and publish afterwards. */
  reserve: z.number(),
});
export type TuningSeconds = Readonly<z.infer<typeof TuningSeconds>>;
