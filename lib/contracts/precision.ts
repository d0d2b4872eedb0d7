import { z } from 'zod';
import { Sha256 } from './dataset.ts';

/** How an export stores the weights of a model; int8 computes with integers, too. */
export const precisions = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof precisions)[number];

/** A comparison of an exported model with the float32 model on the test images: `precision` of the export's card. */
export const PrecisionCheck = z.strictObject({
  precision: z.enum(precisions),
  metric: z.enum(['accuracy', 'meanAveragePrecision']),
  before: z.number(),
  after: z.number(),
  /** `before` minus `after`. */
  loss: z.number(),
  /** 95% interval of the loss: a paired comparison of the same images. */
  interval: z.strictObject({ low: z.number(), high: z.number() }),
  /** The export is refused if `loss` is larger. */
  maxLoss: z.number(),
  /** Number of test images. */
  images: z.int().min(1),
  /** The share of images whose most probable label is the same. */
  sameLabel: z.number().min(0).max(1),
  /** The share of images that are unknown to both or to none. Absent if the model does not recognize unknown images. */
  sameKnown: z.number().min(0).max(1).optional(),
  /** Bytes of model.onnx. */
  size: z.int().min(0),
  /** Of int8: the number of layers that compute in it. */
  layers: z.int().min(0).optional(),
  /** Layers that stay in float because they lose most, worst first. */
  floatLayers: z.array(z.string()).optional(),
  /** Operators that compute in float between int8 layers: int8 has no form of them here. */
  floatOperators: z.array(z.string()).optional(),
});
export type PrecisionCheck = z.infer<typeof PrecisionCheck>;

/** What a backbone computes in. */
export const computePrecisions = ['float32', 'int8'] as const;

/** A frozen backbone in one precision, as a job measured it. */
const MeasuredPrecision = z.strictObject({
  /** On the machine of the job, in batches of the computation of features. Absent if it was not measured. */
  imagesPerSecond: z.number().gt(0).optional(),
  /** Of a linear head on images that it was not fitted to. Absent if the heads were not compared. */
  negativeLogLikelihood: z.number().optional(),
});

/**
 * Which precision a job with `backbone.precision: "int8"` used for its features, and why: the speed of both backbones,
 * and the losses of a linear head on the features of each.
 */
export const BackbonePrecision = z.strictObject({
  /** Of the features, and of the backbone in the served graph. */
  used: z.enum(computePrecisions),
  reason: z.string(),
  /** The kind of processor that was measured, such as `linux x64 avx512`. */
  processor: z.string(),
  /** Layers that int8 computes. Absent if the backbone was not quantized. */
  layers: z.int().min(0).optional(),
  /**
   * SHA-256 of the training images from which the ranges of the int8 values come. Empty if the backbone was not
   * quantized: it is float32, or its own graph has int8 layers already.
   */
  calibrationImages: z.array(Sha256),
  float32: MeasuredPrecision,
  int8: MeasuredPrecision,
  /** Loss of int8 minus that of float32, from the same images. Absent if the heads were not compared. */
  difference: z
    .strictObject({
      negativeLogLikelihood: z.number(),
      /** Absent for a single image, and if all images are related. */
      standardError: z.number().min(0).optional(),
      /** Number of training images. */
      images: z.int().min(1),
    })
    .optional(),
});
export type BackbonePrecision = z.infer<typeof BackbonePrecision>;
