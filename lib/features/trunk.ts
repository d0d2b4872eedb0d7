import { z } from 'zod';
import type { CutAt } from '../freezing/cut-plan.ts';
import type { Pooling } from '../heads/split-pooling.ts';

/** What is stored of a trunk besides its graph. */
export const TrunkDescription = z.strictObject({
  backbone: z.string(),
  /** The layer at whose output the backbone is cut, or `images`, `stages` or `patches`. */
  cut: z.string(),
  /** [height, width] in pixels. */
  inputSize: z.tuple([z.int(), z.int()]),
  /** Whether images of another aspect ratio are cropped, not squeezed. */
  cropToAspectRatio: z.literal(true).optional(),
  /** For features with a vector of stages, which are their last columns: its parts, in order. */
  blocks: z.array(z.strictObject({ name: z.string(), size: z.int(), isGrid: z.boolean().optional() })).optional(),
  /** Shape of one image's features: [channels], or [height, width, channels] without pooling. */
  featureShape: z.array(z.int()),
  weightsDigest: z.string(),
  licence: z.string(),
  /** For a trunk in int8: its layers that int8 computes, and the SHA-256 of the images that calibrated them. */
  int8: z.strictObject({ layers: z.int().min(1), calibrationImages: z.array(z.string()) }).optional(),
});

/** The frozen part of a backbone as one ONNX graph: float32 [batch, height, width, 3], RGB 0..255, to features. */
export interface Trunk extends z.infer<typeof TrunkDescription> {
  /**
   * Identifies everything that the features depend on besides the image: weights, cut, pooling, input size, crop,
   * preprocessing, and for int8 the precision and its calibration images.
   */
  readonly key: string;
  readonly onnx: Uint8Array;
}

/** Whether the features are a flattened map, followed by the vectors of the stages up to the cut. */
export function carriesStages({ blocks, cut }: Pick<Trunk, 'blocks' | 'cut'>): boolean {
  return blocks !== undefined && cut !== 'stages';
}

/** The layer at which the trunk ends, and the pooling of its map; `patches` ends at the maps of `patchMaps`. */
export interface TrunkEnd {
  readonly cut: CutAt | 'patches';
  /** A layer without parameters, or undefined to keep the map. */
  readonly pooling: Pooling | undefined;
  /** Whether the vectors of the stages up to a layer follow its map, as in `stagesUpTo`. */
  readonly withStages?: boolean;
}
