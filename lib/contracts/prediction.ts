import { z } from 'zod';
import { MOST_PRECISION } from './abstention.ts';
import { CalibrationRecord } from './calibration.ts';
import { withRules } from './explain/with-rules.ts';
import { S3Uri } from './object-address.ts';
import { queryFlag, queryIntegerOr, queryNumber } from './query-number.ts';

const Label = z.string().min(1).max(1024);

/** Options for the result of each image. */
const predictShape = {
  /** Maximum number of labels, most probable first. */
  topK: z.int().min(1).max(1000).default(5),
  /** Omits labels with a lower probability. */
  threshold: z.number().min(0).max(1).optional(),
  /** The model abstains if no label reaches this probability. */
  abstain: z.number().min(0).max(1).optional(),
  /**
   * The precision that predictions should have, by held-out images: the model abstains from less probable ones. Of a
   * multi-label model, a label is given from the probability at which it has this precision.
   */
  precision: z.number().gt(0).max(MOST_PRECISION).optional(),
};

/** What to explain of each prediction, and whether it is traffic. */
const Explained = {
  /** Explains where in the image the model found evidence for a label. */
  explain: z.boolean().optional(),
  /** The label to explain; default: the most probable one of each image. */
  explainLabel: Label.optional(),
  /** Also draws the explanation over the image, as a PNG. Not of stored images: who may predict may not see those. */
  explainOverlay: z.boolean().optional(),
  /**
   * `false`: the model keeps none of these predictions, because they are no traffic: of a test, or to explain what was
   * predicted before.
   */
  keep: z.boolean().optional(),
};

/** Of one request: a picture takes up to 600 kB. */
const MOST_EXPLANATIONS = 8;

export const PredictOptions = z.strictObject(predictShape);
export type PredictOptions = z.infer<typeof PredictOptions>;

/** A rule of the options in a body as in a query. */
const explainFirst = {
  expected: 'explainLabel and explainOverlay only with explain',
  holds: ({ explain, explainLabel, explainOverlay }: z.output<z.ZodObject<typeof Explained>>): boolean =>
    explain === true || (explainLabel === undefined && explainOverlay !== true),
};

/** The same options in the query of a request with an image as its body. */
export const PredictQuery = withRules(
  z.strictObject({
    topK: queryIntegerOr(z.int().min(1).max(1000), 5),
    threshold: queryNumber(z.number().min(0).max(1)).optional(),
    abstain: queryNumber(z.number().min(0).max(1)).optional(),
    precision: queryNumber(z.number().gt(0).max(MOST_PRECISION)).optional(),
    explain: queryFlag().optional(),
    explainLabel: Label.optional(),
    explainOverlay: queryFlag().optional(),
    keep: queryFlag().optional(),
  }),
  explainFirst,
);

const name = z.string().min(1).max(1024).optional();
const InlineImage = z.strictObject({ name, base64: z.base64().min(1) });
const StoredImage = z.strictObject({ name, uri: S3Uri });

/**
 * POST /v1/models/{ref}/predict as JSON; raw image bytes are also accepted. Images are inline, or at locations that the
 * deployment may read.
 */
export const PredictBody = withRules(
  z.strictObject({
    images: z
      .array(z.union([InlineImage, StoredImage]))
      .min(1)
      .max(32),
    ...predictShape,
    ...Explained,
  }),
  explainFirst,
  {
    expected: `at most ${MOST_EXPLANATIONS} images with explain`,
    holds: ({ images, explain }) => explain !== true || images.length <= MOST_EXPLANATIONS,
    path: ['images'],
  },
  {
    expected: 'explainOverlay only for images in base64, because it returns the image',
    holds: ({ images, explainOverlay }) => explainOverlay !== true || images.every((image) => 'base64' in image),
    path: ['explainOverlay'],
  },
);
export type PredictBody = z.infer<typeof PredictBody>;

const cropShare = z.number().min(0).max(1);

/** Where in an image the model found evidence for a label. */
export const PredictionExplanation = z.strictObject({
  label: z.string(),
  /**
   * `class-activation`: the contribution of each position of the model's last maps. `occlusion`: how much the score
   * falls if a part of the image is covered. `anomaly-map`, of one-class models: how far each position is from those of
   * the model's class.
   */
  method: z.enum(['class-activation', 'occlusion', 'anomaly-map']),
  /** Rows and columns of `heat`, which cover the whole image, or what the model sees of it. */
  grid: z.tuple([z.int().min(1), z.int().min(1)]),
  /**
   * What a model that crops sees of the image, as shares of the image's width and height. Absent if it sees the whole
   * image.
   */
  crop: z.strictObject({ left: cropShare, top: cropShare, width: cropShare, height: cropShare }).optional(),
  /** Rows from top to bottom: the share of each cell in the evidence for the label. Adds up to 1, or 0 without evidence. */
  heat: z.array(z.array(z.number().min(0).max(1))),
  /** The image with the heat drawn over it: a PNG in base64, at most 384 pixels wide and high. */
  overlay: z.base64().optional(),
});
export type PredictionExplanation = z.infer<typeof PredictionExplanation>;

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
  /**
   * False if the image is unlike those of the data set: its novelty score is above the threshold in the card. Absent,
   * like the score, if the model has no novelty score.
   */
  known: z.boolean().optional(),
  /** How unlike the image is to those of the data set: 0 or more. */
  unknownScore: z.number().optional(),
  explanation: PredictionExplanation.optional(),
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
