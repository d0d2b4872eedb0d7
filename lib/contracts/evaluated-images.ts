/** The images that a model version was evaluated on, with its predictions. */
import { z } from 'zod';
import { DatasetImage } from './dataset-http.ts';
import { next } from './file-link.ts';
import { Name, Time } from './names.ts';
import { queryFlag, queryIntegerOr, queryIntegers, queryNumber } from './query-number.ts';

const Label = z.string().min(1).max(1024);
const Probability = z.number().min(0).max(1);

/** An image of the evaluation. */
export const EvaluatedImage = z.strictObject({
  ...DatasetImage.pick({ path: true, labels: true, sha256: true, width: true, height: true, request: true }).shape,
  /** Its index among the labelled images in the version of the data set, in the order of the paths, from 0. */
  row: z.int().min(0),
  /** Single-label: the five most probable labels. Multi-label: all that reach their threshold. The most probable first. */
  predicted: z.array(z.strictObject({ label: z.string(), probability: z.number() })),
  isRight: z.boolean(),
  /** The highest probability, or that of the label `of`. */
  confidence: z.number(),
});
export type EvaluatedImage = z.infer<typeof EvaluatedImage>;

/** Numbers of images. */
const Bin = z.strictObject({
  images: z.int().min(0),
  /** Of these, images whose predicted labels are right; with `of`, images that have this label. */
  right: z.int().min(0),
});

/** GET /v1/models/{ref}/evaluated-images */
export const EvaluatedImageList = z.strictObject({
  model: Name,
  version: z.int().min(1),
  /** Test images, or without a test set images that the networks were not trained on. */
  part: z.enum(['test', 'held-out']),
  /** The version of the data set: `NAME@DIGEST`. */
  dataset: z.string(),
  /** Number of images that match the filter. */
  count: z.int().min(0),
  /** The same, whatever `from` and `below` are, by confidence: from 0% to 1%, ..., from 99% to 100%, and 100%. */
  bins: z.array(Bin),
  images: z.array(EvaluatedImage),
  expiresAt: Time,
  next,
});
export type EvaluatedImageList = z.infer<typeof EvaluatedImageList>;

export const EvaluatedImageQuery = z.strictObject({
  /** Only images that have this label. */
  label: Label.optional(),
  /** Only images for which the version predicts this label. */
  predicted: Label.optional(),
  /** Only images whose predicted labels are right, or only the others. */
  right: queryFlag().optional(),
  /** The label whose probability is the confidence. */
  of: Label.optional(),
  /** Only images with at least this confidence. */
  from: queryNumber(Probability).optional(),
  /** Only images with a lower confidence. */
  below: queryNumber(Probability).optional(),
  /** Only images at these indexes among the labelled images of the data set. */
  rows: queryIntegers(200).optional(),
  /**
   * `confidence`: the highest first. `worst`: single-label: the most confident first; multi-label: the highest loss
   * first. `unsure`: the least certain first.
   */
  order: z.enum(['path', 'confidence', 'worst', 'unsure']).default('path'),
  after: queryNumber(z.int().min(0)).optional(),
  limit: queryIntegerOr(z.int().min(1).max(200), 50),
});
export type EvaluatedImageQuery = z.infer<typeof EvaluatedImageQuery>;
