import { z } from 'zod';
import { withRule } from './with-rule.ts';

export const Activation = z.enum(['linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'swish', 'gelu']);
export type Activation = z.infer<typeof Activation>;

const Initializer = z.enum([
  'glorotUniform',
  'glorotNormal',
  'heUniform',
  'heNormal',
  'lecunUniform',
  'lecunNormal',
  'randomUniform',
  'randomNormal',
  'truncatedNormal',
  'zeros',
]);

const l2 = z.number().min(0).max(10);

const kernel = {
  useBias: z.boolean().default(true),
  /** Weight of the kernel's absolute values in the loss, as Keras's `regularizers.L1`. */
  l1: z.number().min(0).max(10).default(0),
  /** Weight of the squared kernel in the loss, as Keras's `regularizers.L2`. */
  l2: l2.default(0),
  kernelInitializer: Initializer.default('glorotUniform'),
};

/**
 * One layer of a head, in Keras's words. The output layer need not be written: how many outputs it has follows from the labels.
 * `output` and `cosineOutput` say how it is to be, and come last.
 */
export const HeadLayer = z.discriminatedUnion('layer', [
  z.strictObject({ layer: z.literal('flatten') }),
  z.strictObject({ layer: z.literal('globalAveragePool') }),
  z.strictObject({ layer: z.literal('globalMaxPool') }),
  z.strictObject({
    layer: z.literal('dense'),
    units: z.int().min(1).max(16384),
    activation: Activation.default('linear'),
    ...kernel,
  }),
  z.strictObject({ layer: z.literal('dropout'), rate: z.number().min(0).lt(1) }),
  z.strictObject({
    layer: z.literal('batchNormalization'),
    momentum: z.number().gt(0).lt(1).default(0.99),
    epsilon: z.number().gt(0).max(1).default(0.001),
  }),
  z.strictObject({ layer: z.literal('activation'), activation: Activation }),
  z.strictObject({
    layer: z.literal('output'),
    ...kernel,
    /**
     * `prior` is 5 over the number of the loss's terms: a Gaussian prior of variance 0.1 for each weight, which counts
     * once, however many images there are.
     */
    l2: z.union([l2, z.literal('prior')]).default(0),
  }),
  /**
   * The cosines of the angles between the features and one direction a class, times a scale that is learnt from this
   * value on.
   */
  z.strictObject({ layer: z.literal('cosineOutput'), scale: z.number().gt(0).max(1000).default(16) }),
]);
export type HeadLayer = z.infer<typeof HeadLayer>;

/** The layer that gives the logits. */
export type OutputLayer = Extract<HeadLayer, { layer: 'output' | 'cosineOutput' }>;

export function isOutput(layer: HeadLayer | undefined): layer is OutputLayer {
  return layer?.layer === 'output' || layer?.layer === 'cosineOutput';
}

export const HeadPreset = z.enum(['linear', 'mlp', 'cosine', 'tutorial']);
export type HeadPreset = z.infer<typeof HeadPreset>;

const HeadLayers = withRule(
  z.array(HeadLayer).max(64),
  'output or cosineOutput as the last layer only',
  (layers) => !layers.slice(0, -1).some(isOutput),
);

export const HeadSpec = z.union([HeadPreset, HeadLayers]);
export type HeadSpec = z.infer<typeof HeadSpec>;
