import { z } from 'zod';

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
  /** Of int8: the number of layers that compute in it, and what stays in float, worst first. */
  layers: z.int().min(0).optional(),
  floatLayers: z.array(z.string()).optional(),
  floatOperators: z.array(z.string()).optional(),
});
export type PrecisionCheck = z.infer<typeof PrecisionCheck>;
