import { z } from 'zod';
import { CalibrationRecord } from './calibration.ts';
import { S3Uri } from './object-address.ts';
import { queryIntegerOr, queryNumber } from './query-number.ts';

/** What is told of an image. */
const Wishes = {
  /** How many labels at most, the most probable first. */
  topK: z.int().min(1).max(1000).default(5),
  /** Labels below this probability are left out. */
  threshold: z.number().min(0).max(1).optional(),
  /** Where no label reaches this probability, the model abstains. */
  abstain: z.number().min(0).max(1).optional(),
};

export const PredictOptions = z.strictObject(Wishes);
export type PredictOptions = z.infer<typeof PredictOptions>;

/** The same in the query of a request whose body is one image. */
export const PredictQuery = z.strictObject({
  topK: queryIntegerOr(z.int().min(1).max(1000), 5),
  threshold: queryNumber(z.number().min(0).max(1)).optional(),
  abstain: queryNumber(z.number().min(0).max(1)).optional(),
});

const name = z.string().min(1).max(1024).optional();
const InlineImage = z.strictObject({ name, base64: z.base64().min(1) });
const StoredImage = z.strictObject({ name, uri: S3Uri });

/** POST /v1/models/{ref}/predict as JSON; raw image bytes work too. Images inline, or where the system may read them. */
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
       * Of a multi-label model: whether the probability reaches the label's own threshold, which was chosen on the
       * validation images.
       */
      given: z.boolean().optional(),
    }),
  ),
  /** True where the model would rather not say. */
  abstained: z.boolean(),
});
export type ImagePrediction = z.infer<typeof ImagePrediction>;

export const PredictionResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  predictions: z.array(ImagePrediction),
  /** How the probabilities were calibrated; absent of models that were made before it was recorded, and of `imagenet.NAME`. */
  calibration: CalibrationRecord.optional(),
});
export type PredictionResult = z.infer<typeof PredictionResult>;

/** One line of a batch prediction's output: what the model says of an image, or why it could not. */
export const BatchLine = z.union([
  ImagePrediction,
  z.strictObject({ image: z.string(), error: z.strictObject({ code: z.string(), message: z.string() }) }),
]);
export type BatchLine = z.infer<typeof BatchLine>;
