import { z } from 'zod';

const BeforeAndAfter = z.strictObject({ before: z.number(), after: z.number() });

/**
 * How a model's probabilities were calibrated, and the effect on images used neither for training nor for calibration.
 */
export const CalibrationRecord = z.strictObject({
  /** `none` if no other method gave a lower negative log-likelihood. */
  method: z.enum(['none', 'temperature', 'per-label']),
  /** The scores used for fitting: out-of-fold scores (`cross-validation`) or scores of the validation images. */
  scores: z.enum(['cross-validation', 'validation']),
  /** Number of images with a score. */
  images: z.int().min(0),
  negativeLogLikelihood: BeforeAndAfter,
  expectedCalibrationError: BeforeAndAfter,
});
export type CalibrationRecord = z.infer<typeof CalibrationRecord>;

/**
 * A calibration record with the fitted values. Each logit is multiplied by its label's scale, then the label's offset
 * is added. The last layer of the graph applies both.
 */
export const FittedCalibration = z.strictObject({
  ...CalibrationRecord.shape,
  /** Only for `per-label`, in label order. */
  scales: z.array(z.number().gt(0)).optional(),
  offsets: z.array(z.number()).optional(),
});
export type FittedCalibration = z.infer<typeof FittedCalibration>;
