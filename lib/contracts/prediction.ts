import { z } from 'zod';
import { CalibrationRecord } from './calibration.ts';
import { S3Uri } from './object-address.ts';
import { queryIntegerOr, queryNumber } from './query-number.ts';

/** Options for the result of each image. */
const Wishes = {
  /** Maximum number of labels, most probable first. */
  topK: z.int().min(1).max(1000).default(5),
  /** Omits labels with a lower probability. */
  threshold: z.number().min(0).max(1).optional(),
  /** The model abstains if no label reaches this probability. */
  abstain: z.number().min(0).max(1).optional(),
};

export const PredictOptions = z.strictObject(Wishes);
export type PredictOptions = z.infer<typeof PredictOptions>;

/** The same options in the query of a request with an image as its body. */
export const PredictQuery = z.strictObject({
  topK: queryIntegerOr(z.int().min(1).max(1000), 5),
  threshold: queryNumber(z.number().min(0).max(1)).optional(),
  abstain: queryNumber(z.number().min(0).max(1)).optional(),
});

const name = z.string().min(1).max(1024).optional();
const InlineImage = z.strictObject({ name, base64: z.base64().min(1) });
const StoredImage = z.strictObject({ name, uri: S3Uri });

/**
 * POST /v1/models/{ref}/predict as JSON; raw image bytes are also accepted. Images are inline, or at locations that the
 * deployment may read.
 */
export const PredictBody = z.strictObject({
  images: z
    .array(z.union([InlineImage, StoredImage]))
    .min(1)
    .max(32),
  ...Wishes,
});
export type PredictBody = z.infer<typeof PredictBody>;

export const ImagePrediction = z.strictObject({
  image: z.string(),
  labels: z.array(
    z.strictObject({
      label: z.string(),
      probability: z.number(),
      /**
       * For multi-label models: whether the probability reaches the label's threshold, which was chosen on the
       * calibration images.
       */
      given: z.boolean().optional(),
    }),
  ),
  /** True if the model abstains from a prediction. */
  abstained: z.boolean(),
});
export type ImagePrediction = z.infer<typeof ImagePrediction>;

export const PredictionResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  predictions: z.array(ImagePrediction),
  /** How the probabilities were calibrated. Absent for `imagenet.NAME` and for models of earlier versions. */
  calibration: CalibrationRecord.optional(),
});
export type PredictionResult = z.infer<typeof PredictionResult>;

/** One line of a batch prediction's output: the prediction for an image, or the error. */
export const BatchLine = z.union([
  ImagePrediction,
  z.strictObject({ image: z.string(), error: z.strictObject({ code: z.string(), message: z.string() }) }),
]);
export type BatchLine = z.infer<typeof BatchLine>;
