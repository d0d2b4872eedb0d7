import { z } from 'zod';

/** The precisions that a card has thresholds for. A precision between two has the thresholds of the higher one. */
export const PRECISIONS = [0.8, 0.85, 0.9, 0.95, 0.98, 0.99] as const;
export const MOST_PRECISION = Math.max(...PRECISIONS);

/**
 * The largest error rate that a threshold may have, as a multiple of the target's: a threshold counts only if its
 * held-out images exclude a larger one with a confidence of 95%. A precision of 0.95 so needs 25 images without an error.
 */
export const MOST_ERRORS = 2;

/**
 * The lowest probabilities at which predictions of held-out images reach a precision, and do so on enough images: of a single-label model one
 * threshold for the predicted class, of a multi-label model one for each label.
 */
export const PrecisionThresholds = z.strictObject({
  precision: z.number(),
  /** null where no threshold reaches the precision, or only on too few images. */
  thresholds: z.array(z.number().nullable()),
  /** For each threshold: the number of held-out predictions that reach it. Absent in cards of earlier versions. */
  support: z.array(z.int().min(0).nullable()).optional(),
  /**
   * For each threshold: the precision that these predictions show at least, with a confidence of 95% (Wilson's lower
   * bound). Absent in cards of earlier versions.
   */
  lowerBounds: z.array(z.number().nullable()).optional(),
  /** Share of the held-out images with a prediction at this threshold. Absent for multi-label models. */
  coverage: z.number().optional(),
});
export type PrecisionThresholds = z.infer<typeof PrecisionThresholds>;

export const Abstention = z.strictObject({
  /** Number of held-out images that the thresholds were chosen from. */
  images: z.int().min(0),
  /** From the lowest precision. */
  targets: z.array(PrecisionThresholds),
});
export type Abstention = z.infer<typeof Abstention>;
