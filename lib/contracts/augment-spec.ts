import { z } from 'zod';
import { withRule } from './with-rule.ts';

const share = z.number().min(0).max(1);
/** What lies beyond the image's edges: the image mirrored at them, or black. */
const fill = z.enum(['reflect', 'constant']).default('reflect');
const range = (least: z.ZodNumber) => withRule(z.tuple([least, least]), 'the smaller number first', ([low, high]) => low <= high);

/**
 * One random change of an image, in Keras's words. A `factor` is how far it goes at most, either way; each image and epoch draws
 * its own.
 */
export const AugmentStep = z.discriminatedUnion('transform', [
  /** Mirrors with these probabilities: left and right, top and bottom. */
  z.strictObject({ transform: z.literal('flip'), horizontal: share.default(0.5), vertical: share.default(0) }),
  /** Turns around the centre, by a share of a full circle. */
  z.strictObject({ transform: z.literal('rotate'), factor: share, fill }),
  /** Out and in around the centre, by a share of the size. */
  z.strictObject({ transform: z.literal('zoom'), factor: share.lt(1), fill }),
  /** By shares of the height and of the width. */
  z.strictObject({ transform: z.literal('translate'), heightFactor: share, widthFactor: share, fill }),
  /** Slants rows against each other, then columns, by a share of their distance from the centre. */
  z.strictObject({ transform: z.literal('shear'), factor: share, fill }),
  /** A part of the image, of this share of its area and this ratio of width to height, becomes the whole. */
  z.strictObject({
    transform: z.literal('randomResizedCrop'),
    area: range(z.number().gt(0).max(1)).default([0.35, 1]),
    aspectRatio: range(z.number().min(0.1).max(10)).default([3 / 4, 4 / 3]),
  }),
  /** Adds a share of the full range. */
  z.strictObject({ transform: z.literal('brightness'), factor: share }),
  /** Multiplies the distance from each channel's mean by 1 plus or minus this. */
  z.strictObject({ transform: z.literal('contrast'), factor: share }),
  /** Multiplies the saturation by 1 plus or minus this. */
  z.strictObject({ transform: z.literal('saturation'), factor: share }),
  /** Turns the circle of colours, by a share of it. */
  z.strictObject({ transform: z.literal('hue'), factor: share.max(0.5) }),
  /** Puts noise in the place of a rectangle of this share of the area. */
  z.strictObject({
    transform: z.literal('erase'),
    probability: share.default(0.25),
    area: range(z.number().gt(0).max(1)).default([0.02, 0.2]),
  }),
  /** So many of fourteen changes, drawn for each image, all of this strength out of ten. */
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
