import { z } from 'zod';

const BeforeAndAfter = z.strictObject({ before: z.number(), after: z.number() });

/** How a model's probabilities were calibrated, and what that changed on images that neither model nor calibration had seen. */
export const CalibrationRecord = z.strictObject({
  /** `none` where no other method gave a lower negative log-likelihood. */
  method: z.enum(['none', 'temperature', 'per-label']),
  /** What it was fitted to: scores of folds, each by a head that had not seen them, or those of the validation images. */
  scores: z.enum(['cross-validation', 'validation']),
  /** Images that have a score. */
  images: z.int().min(0),
  negativeLogLikelihood: BeforeAndAfter,
  expectedCalibrationError: BeforeAndAfter,
});
export type CalibrationRecord = z.infer<typeof CalibrationRecord>;

/**
 * The same with what was fitted. Logits of a label are multiplied by its scale, then its offset is added; the graph has
 * that in its last layer.
 */
export const FittedCalibration = z.strictObject({
  ...CalibrationRecord.shape,
  /** For `per-label`, in the order of the labels. */
  scales: z.array(z.number().gt(0)).optional(),
  offsets: z.array(z.number()).optional(),
});
export type FittedCalibration = z.infer<typeof FittedCalibration>;
