import { z } from 'zod';
import { AugmentSpec } from './augment-spec.ts';

const rate = z.number().gt(0).max(100);
const decay = z.number().min(0).lt(1);
const epsilon = z.number().gt(0).max(1).default(1e-7);
const clipping = {
  /** The longest that the gradient of one variable may be (L2), as Keras's `clipnorm`. */
  clipNorm: z.number().gt(0).optional(),
  /** The longest that all gradients together may be. */
  globalClipNorm: z.number().gt(0).optional(),
};

/**
 * Optimizers with Keras 3's formulas, names and defaults, except the rate of Adam: with 0.003 a linear head on frozen features
 * converges within the epochs.
 */
export const OptimizerSpec = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adam'),
    learningRate: rate.default(0.003),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon,
    amsgrad: z.boolean().default(false),
    ...clipping,
  }),
  z.strictObject({
    name: z.literal('adamw'),
    learningRate: rate.default(0.001),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon,
    amsgrad: z.boolean().default(false),
    weightDecay: z.number().min(0).max(1).default(0.004),
    ...clipping,
  }),
  z.strictObject({
    name: z.literal('sgd'),
    learningRate: rate.default(0.01),
    momentum: decay.default(0),
    nesterov: z.boolean().default(false),
    ...clipping,
  }),
  z.strictObject({
    name: z.literal('rmsprop'),
    learningRate: rate.default(0.001),
    rho: decay.default(0.9),
    momentum: decay.default(0),
    epsilon,
    centered: z.boolean().default(false),
    ...clipping,
  }),
  z.strictObject({
    name: z.literal('adagrad'),
    learningRate: rate.default(0.001),
    initialAccumulator: z.number().min(0).default(0.1),
    epsilon,
    ...clipping,
  }),
]);
export type OptimizerSpec = z.infer<typeof OptimizerSpec>;

/** How the learning rate moves; a schedule multiplies the optimizer's own rate. */
export const ScheduleSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({
    name: z.literal('cosine'),
    warmupEpochs: z.number().min(0).default(0),
    finalFactor: z.number().min(0).max(1).default(0),
  }),
  z.strictObject({ name: z.literal('step'), everyEpochs: z.int().min(1), factor: z.number().gt(0).max(1).default(0.1) }),
  z.strictObject({
    name: z.literal('oneCycle'),
    warmupShare: z.number().gt(0).lt(1).default(0.3),
    initialFactor: z.number().gt(0).max(1).default(0.04),
  }),
  z.strictObject({
    name: z.literal('reduceOnPlateau'),
    patience: z.int().min(1).default(3),
    factor: z.number().gt(0).lt(1).default(0.1),
    minimumFactor: z.number().min(0).max(1).default(0),
  }),
]);
export type ScheduleSpec = z.infer<typeof ScheduleSpec>;

/** The loss follows the task: over a softmax for single-label, over a sigmoid for each class for multi-label. */
export const LossSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('crossEntropy') }),
  /** What is right already counts less, by (1 - p)^gamma. */
  z.strictObject({ name: z.literal('focal'), gamma: z.number().min(0).max(10).default(2) }),
]);
export type LossSpec = z.infer<typeof LossSpec>;

/**
 * Trains on mixtures of two examples each, with both their labels in the same shares. The shares come from a beta distribution
 * with both parameters `alpha`: the larger, the more of both. Cutmix needs images or maps; on pooled features it is mixup.
 */
export const MixSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('mixup'), alpha: z.number().min(0.05).max(2).default(0.2) }),
  z.strictObject({ name: z.literal('cutmix'), alpha: z.number().min(0.05).max(2).default(1) }),
]);
export type MixSpec = z.infer<typeof MixSpec>;

/** `balanced` gives every class the same sum of weights; by label, those not named count 1. */
const ClassWeightsSpec = z.union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().min(0).max(1e6))]);

/** Stops after `patience` epochs without a lower validation loss; the best epoch's weights are kept in any case. */
export const EarlyStopping = z.strictObject({ patience: z.int().min(1).max(1000) });

/** Steps of the sweep that looks for a learning rate. */
export const SWEEP_STEPS = 100;

export const TrainingSpec = z.strictObject({
  optimizer: OptimizerSpec.prefault({ name: 'adam' }),
  /**
   * Whether a rate is looked for in the optimizer's place, in one sweep over 100 steps (arXiv:1506.01186) before the
   * first epoch.
   */
  findLearningRate: z.boolean().default(false),
  schedule: ScheduleSpec.prefault({ name: 'constant' }),
  epochs: z.int().min(1).max(1000).default(60),
  batchSize: z.int().min(1).max(1024).default(32),
  /** Batches to one step of the optimizer: memory for one batch, the gradient of all of them. */
  gradientAccumulation: z.int().min(1).max(1024).default(1),
  loss: LossSpec.prefault({ name: 'crossEntropy' }),
  classWeights: ClassWeightsSpec.default('none'),
  /**
   * Random changes of the training images. Behind a frozen trunk, variants are drawn once and kept; from the images on,
   * each epoch draws new ones.
   */
  augment: AugmentSpec.default('none'),
  /** How many variants of each training image are drawn behind a frozen trunk. */
  augmentVariants: z.int().min(1).max(64).default(3),
  mix: MixSpec.optional(),
  labelSmoothing: z.number().min(0).lt(1).default(0),
  earlyStopping: EarlyStopping.nullable().prefault({ patience: 5 }),
  /**
   * Whether the head is trained once more, on training and validation images together, for as many epochs as were best:
   * what chose the epoch need not lie idle. A linear head with L2 cannot learn the images by heart and is trained to
   * its end, the rate falling to zero. For a head on frozen features; the validation metrics are those of the first
   * training.
   */
  refit: z.boolean().default(true),
  /** A checkpoint is written at the end of each epoch, and within one after so many minutes. */
  checkpointMinutes: z.number().gt(0).max(1440).default(5),
  /**
   * How far chance may have a hand in the validation metrics: the same recipe is trained on all but one of so many
   * parts of the training and validation images, and judged on that one, each part once.
   */
  folds: z.int().min(2).max(20).optional(),
  /**
   * How often that is done, each time with other folds and another seed; without folds, on the training images with
   * another seed.
   */
  repeats: z.int().min(1).max(20).default(1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
});
export type TrainingSpec = z.infer<typeof TrainingSpec>;
