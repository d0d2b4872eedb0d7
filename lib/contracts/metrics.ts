import { z } from 'zod';

/** How good a model is on one part of a data set. Those that do not apply to the task are absent. */
export const Metrics = z.strictObject({
  /** The training loss without regularisation, as a mean over images. */
  loss: z.number(),
  negativeLogLikelihood: z.number(),
  expectedCalibrationError: z.number().optional(),
  accuracy: z.number().optional(),
  /** The share of images whose class is among the three, or five, most probable; where there are more classes. */
  top3Accuracy: z.number().optional(),
  top5Accuracy: z.number().optional(),
  balancedAccuracy: z.number().optional(),
  macroF1: z.number().optional(),
  microF1: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  /** The mean of the classes' areas under the ROC curve, each class against the rest. */
  auc: z.number().optional(),
  perClass: z.array(
    z.strictObject({
      label: z.string(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
      /** Images of the class. */
      support: z.int().min(0),
      /** Area under the class's ROC curve; absent where all images are of the class, or none is. */
      auc: z.number().optional(),
    }),
  ),
  /** How many classes there are, where an answer of the API has only the first of `perClass`. */
  classCount: z.int().min(0).optional(),
});
export type Metrics = z.infer<typeof Metrics>;
