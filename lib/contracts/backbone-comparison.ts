import { z } from 'zod';
import { CandidateBackbone } from './job-spec.ts';

/** A compared backbone, with what it cost and how well a linear head on its frozen features did. */
export const ComparedBackbone = z.strictObject({
  ...CandidateBackbone.shape,
  /** Mean loss of images that the head was not fitted to, by cross-validation. */
  negativeLogLikelihood: z.number(),
  /** Single-label tasks only, on the same images. */
  accuracy: z.number().optional(),
  /** Multi-label tasks only, on the same images. */
  meanAveragePrecision: z.number().optional(),
  /** Mean loss above that of the backbone with the lowest loss, on the same images. 0 for that backbone. */
  difference: z.number(),
  /**
   * Standard error of the difference, from the differences of single images and sets of related ones. Absent for fewer
   * than two of these.
   */
  standardError: z.number().optional(),
  /** Multiply-adds for one image, in billions. */
  gigaMultiplyAdds: z.number(),
  /**
   * Milliseconds for one image on one core: the speed that `graft backbones` lists, scaled by multiply-adds to the input
   * size and width. Absent if it was never measured.
   */
  milliseconds: z.number().optional(),
  /** Size of the weights in megabytes, as float32. */
  megabytes: z.number(),
  licence: z.string(),
});
export type ComparedBackbone = z.infer<typeof ComparedBackbone>;

/** How a job with `backbone.name: "auto"` chose its backbone. */
export const BackboneComparison = z.strictObject({
  /** In the order of the spec. */
  candidates: z.array(ComparedBackbone).min(1),
  /** Which of them the job trains with; counts from 1. */
  chosen: z.int().min(1),
  /** Number of training images that each was evaluated on. */
  images: z.int().min(0),
  reason: z.string(),
});
export type BackboneComparison = z.infer<typeof BackboneComparison>;
