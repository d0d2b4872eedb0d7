/** Finding images of a version by their features: what is alike, doubtful or unlike the rest, and a map of all. */
import { z } from 'zod';
import { DatasetReport, ImagePath, Sha256 } from './dataset.ts';
import { DatasetImage } from './dataset-http.ts';
import { Digest, Name, Time } from './names.ts';
import { queryIntegerOr } from './query-number.ts';

/** `preparing` while features or the map are computed: ask again after a second. */
export const Preparation = z.strictObject({
  dataset: Name,
  digest: Digest,
  state: z.enum(['preparing', 'ready']),
  /** Images whose features are computed, of all that lacked them; then the share of the map, of 100. */
  progress: z.strictObject({ done: z.int().min(0), total: z.int().min(0) }).optional(),
});
export type Preparation = z.infer<typeof Preparation>;

const cosine = z.number().min(-1.001).max(1.001);

/** GET /v1/datasets/{id}/similar */
export const SimilarQuery = z.strictObject({
  /** The path of an image of the version, or its SHA-256. */
  image: z.union([Sha256, ImagePath]),
  limit: queryIntegerOr(z.int().min(1).max(200), 48),
});
export type SimilarQuery = z.infer<typeof SimilarQuery>;

/** An image with the cosine similarity of its features to those of another one. */
const SimilarImage = DatasetImage.extend({ similarity: cosine });

export const SimilarImages = Preparation.extend({
  image: DatasetImage,
  /** The most similar first. */
  similar: z.array(SimilarImage),
  /** Of the signed requests. */
  expiresAt: Time,
});
export type SimilarImages = z.infer<typeof SimilarImages>;

/** GET /v1/datasets/{id}/map: each list has one element for each image, in the order of the paths. */
export const DatasetMap = Preparation.extend({
  classes: DatasetReport.shape.classes,
  /** 0..1. */
  x: z.array(z.number().min(0).max(1)),
  /** 0..1. */
  y: z.array(z.number().min(0).max(1)),
  /** The number of the image's class in `classes`; -1 for an image without a label. */
  labels: z.array(z.int().min(-1)),
});
export type DatasetMap = z.infer<typeof DatasetMap>;

/** GET /v1/datasets/{id}/pairs */
export const PairQuery = z.strictObject({ limit: queryIntegerOr(z.int().min(1).max(200), 50) });

/**
 * Two images with different labels. `identical` and `similar` pictures should have one label. Of a `suspect` pair, the
 * label of the left image may be wrong, and the right one is its nearest neighbour with the label that is suggested.
 */
const DoubtfulPair = z.strictObject({
  kind: z.enum(['identical', 'similar', 'suspect']),
  left: DatasetImage,
  right: DatasetImage,
});

export const DoubtfulPairs = Preparation.extend({
  /** While `preparing`: duplicates only. */
  pairs: z.array(DoubtfulPair),
  /** Number of all pairs. */
  total: z.int().min(0),
  expiresAt: Time,
});
export type DoubtfulPairs = z.infer<typeof DoubtfulPairs>;

/** GET /v1/datasets/{id}/unknown */
export const UnknownQuery = z.strictObject({ limit: queryIntegerOr(z.int().min(1).max(200), 60) });

export const UnknownImages = Preparation.extend({
  /** With the similarity to the nearest labelled image, the smallest first. None without labelled images. */
  images: z.array(SimilarImage),
  expiresAt: Time,
});
export type UnknownImages = z.infer<typeof UnknownImages>;
