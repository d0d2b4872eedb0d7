import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';

const share = z.number().min(0).max(1);
/** How to fill the area outside the image: by mirroring the image at its edges, or with black. */
const fill = z.enum(['reflect', 'constant']).default('reflect');
const range = (least: z.ZodNumber) =>
  withRules(z.tuple([least, least]), { expected: 'the smaller number first', holds: ([low, high]) => low <= high });

/**
 * A random transform of an image, named as in Keras. `factor` is the largest change in either direction. Each image
 * draws new values in each epoch.
 */
export const AugmentStep = z.discriminatedUnion('transform', [
  /** Flips the image, with one probability for left-right and one for top-bottom. */
  z.strictObject({ transform: z.literal('flip'), horizontal: share.default(0.5), vertical: share.default(0) }),
  /** Rotates the image around its centre. `factor` is a share of a full circle. */
  z.strictObject({ transform: z.literal('rotate'), factor: share, fill }),
  /** Zooms in or out around the centre. `factor` is a share of the image size. */
  z.strictObject({ transform: z.literal('zoom'), factor: share.lt(1), fill }),
  /** Shifts the image by shares of its height and width. */
  z.strictObject({ transform: z.literal('translate'), heightFactor: share, widthFactor: share, fill }),
  /** Shears rows, then columns, by a share of their distance from the centre. */
  z.strictObject({ transform: z.literal('shear'), factor: share, fill }),
  /**
   * Crops a region with this share of the area and this aspect ratio (width / height), and resizes it to the full
   * image.
   */
  z.strictObject({
    transform: z.literal('randomResizedCrop'),
    area: range(z.number().gt(0).max(1)).default([0.35, 1]),
    aspectRatio: range(z.number().min(0.1).max(10)).default([3 / 4, 4 / 3]),
  }),
  /** Adds a constant, as a share of the full value range. */
  z.strictObject({ transform: z.literal('brightness'), factor: share }),
  /** Multiplies each value's distance from its channel mean by 1 ± `factor`. */
  z.strictObject({ transform: z.literal('contrast'), factor: share }),
  /** Multiplies the saturation by 1 ± `factor`. */
  z.strictObject({ transform: z.literal('saturation'), factor: share }),
  /** Rotates the hue. `factor` is a share of the colour circle. */
  z.strictObject({ transform: z.literal('hue'), factor: share.max(0.5) }),
  /** Replaces a rectangle with noise. `area` is the range of its share of the image area. */
  z.strictObject({
    transform: z.literal('erase'),
    probability: share.default(0.25),
    area: range(z.number().gt(0).max(1)).default([0.02, 0.2]),
  }),
  /** Applies `operations` of fourteen transforms, drawn for each image, all at the same magnitude (out of ten). */
  z.strictObject({
    transform: z.literal('randAugment'),
    operations: z.int().min(0).max(10).default(2),
    magnitude: z.number().min(0).max(10).default(5),
  }),
]);
export type AugmentStep = z.infer<typeof AugmentStep>;

export const AugmentPreset = z.enum(['none', 'light', 'strong']);
export type AugmentPreset = z.infer<typeof AugmentPreset>;

export const AugmentSpec = z.union([AugmentPreset, z.array(AugmentStep).max(64)]);
export type AugmentSpec = z.infer<typeof AugmentSpec>;
