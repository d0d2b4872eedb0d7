import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';

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
  /** Factor of the kernel's L1 norm in the loss, as `regularizers.L1` in Keras. */
  l1: z.number().min(0).max(10).default(0),
  /** Factor of the squared kernel in the loss, as `regularizers.L2` in Keras. */
  l2: l2.default(0),
  kernelInitializer: Initializer.default('glorotUniform'),
};

/**
 * A layer of a head, named as in Keras. The output layer is optional, because the labels determine its size. `output`
 * and `cosineOutput` configure it and must be last.
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
     * `prior` is 5 divided by the number of terms in the loss. This is a Gaussian prior of variance 0.1 for each
     * weight, and its total does not depend on the number of images.
     */
    l2: z.union([l2, z.literal('prior')]).default(0),
  }),
  /**
   * The cosine similarity of the features and one direction per class, times a learned scale with this initial value.
   */
  z.strictObject({ layer: z.literal('cosineOutput'), scale: z.number().gt(0).max(1000).default(16) }),
]);
export type HeadLayer = z.infer<typeof HeadLayer>;

/** The layer that outputs the logits. */
export type OutputLayer = Extract<HeadLayer, { layer: 'output' | 'cosineOutput' }>;

export function isOutput(layer: HeadLayer | undefined): layer is OutputLayer {
  return layer?.layer === 'output' || layer?.layer === 'cosineOutput';
}

export const HeadPreset = z.enum(['linear', 'mlp', 'cosine', 'tutorial']);
export type HeadPreset = z.infer<typeof HeadPreset>;

const HeadLayers = withRules(z.array(HeadLayer).max(64), {
  expected: 'output or cosineOutput as the last layer only',
  holds: (layers) => !layers.slice(0, -1).some(isOutput),
});

export const HeadSpec = z.union([HeadPreset, HeadLayers]);
export type HeadSpec = z.infer<typeof HeadSpec>;
