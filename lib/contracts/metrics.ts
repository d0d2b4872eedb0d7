import { z } from 'zod';

/** A model's metrics on one part of a data set. Metrics that do not apply to the task are absent. */
export const Metrics = z.strictObject({
  /** The mean training loss per image, without regularisation. */
  loss: z.number(),
  negativeLogLikelihood: z.number(),
  expectedCalibrationError: z.number().optional(),
  accuracy: z.number().optional(),
  /**
   * The share of images whose class is among the 3 (or 5) most probable. Present if there are more classes than that.
   */
  top3Accuracy: z.number().optional(),
  top5Accuracy: z.number().optional(),
  balancedAccuracy: z.number().optional(),
  macroF1: z.number().optional(),
  microF1: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  /** The mean over classes of the one-vs-rest area under the ROC curve. */
  auc: z.number().optional(),
  perClass: z.array(
    z.strictObject({
      label: z.string(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
      /** Number of images of the class. */
      support: z.int().min(0),
      /** Area under the ROC curve. Absent if all images or no images belong to the class. */
      auc: z.number().optional(),
    }),
  ),
  /** Total number of classes, if an API response includes only the first of `perClass`. */
  classCount: z.int().min(0).optional(),
});
export type Metrics = z.infer<typeof Metrics>;
