import { z } from 'zod';
import { DatasetReport } from './dataset.ts';
import { DatasetImage } from './dataset-http.ts';
import { Digest, Name, Time } from './names.ts';
import { queryIntegerOr } from './query-number.ts';

/** GET /v1/datasets/{id}/suggestions */
export const SuggestionQuery = z.strictObject({
  /** The most suggested labels. */
  limit: queryIntegerOr(z.int().min(0).max(200), 24),
  /** The most images to ask a person about. */
  next: queryIntegerOr(z.int().min(0).max(200), 10),
  /** Of the images that are asked at random. */
  seed: queryIntegerOr(z.int().min(0), 0),
});
export type SuggestionQuery = z.infer<typeof SuggestionQuery>;

const share = z.number().min(0).max(1);

/** A label that the labelled images suggest for an image. */
const Suggestion = DatasetImage.extend({ suggested: z.string(), confidence: share });

/**
 * An image to ask a person about: `test` is a test image, `random` was drawn at random, and `informative` is one of
 * the most informative for the fit.
 */
const NextImage = DatasetImage.extend({ reason: z.enum(['informative', 'random', 'test']) });

/** The accuracy of a head that is fitted to the labelled training images. */
export const LabellingAccuracy = z.strictObject({
  /** On the labelled test images, or on each labelled training image by the fit to all others. */
  method: z.enum(['test', 'leave-one-out']),
  value: share,
  /** Confidence interval at a level of 95%. */
  low: share,
  high: share,
  images: z.int().min(1),
});

export const Suggestions = z.strictObject({
  dataset: Name,
  digest: Digest,
  /** `preparing` while the features of the images are computed: ask again after a second. */
  state: z.enum(['preparing', 'ready']),
  /** Images whose features are computed, of all that lacked them. */
  progress: z.strictObject({ done: z.int().min(0), total: z.int().min(0) }).optional(),
  labelled: z.int().min(0),
  unlabelled: z.int().min(0),
  classes: DatasetReport.shape.classes,
  accuracy: LabellingAccuracy.optional(),
  /** What further labels are expected to bring, if the labels so far support it. */
  gain: z.strictObject({ labels: z.int().min(1), accuracy: share }).optional(),
  /** The most confident first; none of a test image, and none before each class has five labels. */
  suggestions: z.array(Suggestion),
  next: z.array(NextImage),
  /** Of the signed requests. */
  expiresAt: Time,
});
export type Suggestions = z.infer<typeof Suggestions>;
