import { z } from 'zod';

export const Activation = z.enum(['linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'swish', 'gelu']);
export type Activation = z.infer<typeof Activation>;

const Initializer = z.enum(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunNormal', 'zeros']);

/** One layer of a head, in Keras's words. The output layer is not written: it follows from the labels and the task. */
export const HeadLayer = z.discriminatedUnion('layer', [
  z.strictObject({ layer: z.literal('flatten') }),
  z.strictObject({ layer: z.literal('globalAveragePool') }),
  z.strictObject({ layer: z.literal('globalMaxPool') }),
  z.strictObject({
    layer: z.literal('dense'),
    units: z.int().min(1).max(16384),
    activation: Activation.default('linear'),
    useBias: z.boolean().default(true),
    /** Weight of the squared kernel in the loss, as Keras's `regularizers.L2`. */
    l2: z.number().min(0).max(10).default(0),
    kernelInitializer: Initializer.default('glorotUniform'),
  }),
  z.strictObject({ layer: z.literal('dropout'), rate: z.number().min(0).lt(1) }),
  z.strictObject({
    layer: z.literal('batchNormalization'),
    momentum: z.number().gt(0).lt(1).default(0.99),
    epsilon: z.number().gt(0).max(1).default(0.001),
  }),
  z.strictObject({ layer: z.literal('activation'), activation: Activation }),
]);
export type HeadLayer = z.infer<typeof HeadLayer>;

export const HeadPreset = z.enum(['linear', 'mlp', 'tutorial']);
export type HeadPreset = z.infer<typeof HeadPreset>;

export const HeadSpec = z.union([HeadPreset, z.array(HeadLayer).max(64)]);
export type HeadSpec = z.infer<typeof HeadSpec>;
