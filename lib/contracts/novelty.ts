import { z } from 'zod';

/** Whether a model recognizes images that are unlike those of its data set (novelty detection). */
export const NoveltySpec = z.strictObject({
  /** Share of images like those of the data set that the model may take for unknown. */
  rate: z.number().gt(0).max(0.5).default(0.05),
});
export type NoveltySpec = z.infer<typeof NoveltySpec>;

/** How a model recognizes unknown images. */
export const NoveltyThreshold = z.strictObject({
  rate: z.number(),
  /** An image with a higher novelty score is unknown. */
  threshold: z.number().gt(0),
  /** Number of held-out scores that the threshold was chosen from. */
  images: z.int().min(1),
  /** Expected share of unknown images among new images like those of the data set: at most the rate. */
  expectedShare: z.number(),
  /** Measured share of unknown images among the test images. Absent without test images. */
  testShare: z.number().optional(),
});
export type NoveltyThreshold = z.infer<typeof NoveltyThreshold>;

/** Why a model has no novelty score, in one sentence. */
export const NoveltyOmitted = z.strictObject({ rate: z.number(), omitted: z.string() });
export type NoveltyOmitted = z.infer<typeof NoveltyOmitted>;

export const NoveltyRecord = z.union([NoveltyThreshold, NoveltyOmitted]);
export type NoveltyRecord = z.infer<typeof NoveltyRecord>;

/** The threshold of a model's novelty score; undefined if the model has no score. */
export function noveltyThreshold(novelty: NoveltyRecord | undefined): number | undefined {
  return novelty !== undefined && 'threshold' in novelty ? novelty.threshold : undefined;
}
