import { z } from 'zod';
import { AugmentSpec } from './augment-spec.ts';

const rate = z.number().gt(0).max(100);
const decay = z.number().min(0).lt(1);
const epsilon = z.number().gt(0).max(1).default(1e-7);
const clipping = {
  /** Maximum L2 norm of the gradient of each variable, as `clipnorm` in Keras. */
  clipNorm: z.number().gt(0).optional(),
  /** Maximum L2 norm of all gradients together. */
  globalClipNorm: z.number().gt(0).optional(),
};

/**
 * Optimizers with the formulas, names and defaults of Keras 3, except for Adam's learning rate: with 0.003, a linear
 * head on frozen features converges within the default epochs.
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

/** The learning rate schedule. It multiplies the optimizer's learning rate. */
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

/** The loss. Single-label tasks use a softmax, multi-label tasks a sigmoid per class. */
export const LossSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('crossEntropy') }),
  /** Reduces the weight of well-classified examples by (1 - p)^gamma. */
  z.strictObject({ name: z.literal('focal'), gamma: z.number().min(0).max(10).default(2) }),
]);
export type LossSpec = z.infer<typeof LossSpec>;

/**
 * Trains on mixtures of two examples, with their labels mixed in the same ratio. The ratio follows a beta distribution
 * with both parameters `alpha`; a larger alpha mixes more evenly. Cutmix requires images or feature maps; on pooled
 * features it acts as mixup.
 */
export const MixSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('mixup'), alpha: z.number().min(0.05).max(2).default(0.2) }),
  z.strictObject({ name: z.literal('cutmix'), alpha: z.number().min(0.05).max(2).default(1) }),
]);
export type MixSpec = z.infer<typeof MixSpec>;

/** `balanced` gives every class the same total weight. For weights by label, labels not listed have weight 1. */
const ClassWeightsSpec = z.union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().min(0).max(1e6))]);

/**
 * Stops after `patience` epochs without a lower validation loss. The weights of the best epoch are kept in any case.
 */
export const EarlyStopping = z.strictObject({ patience: z.int().min(1).max(1000) });

/** Steps of the learning rate sweep. */
export const SWEEP_STEPS = 100;

export const TrainingSpec = z.strictObject({
  optimizer: OptimizerSpec.prefault({ name: 'adam' }),
  /**
   * Whether to find the learning rate with one sweep over 100 steps (arXiv:1506.01186) before the first epoch, instead
   * of using the optimizer's.
   */
  findLearningRate: z.boolean().default(false),
  schedule: ScheduleSpec.prefault({ name: 'constant' }),
  epochs: z.int().min(1).max(1000).default(60),
  batchSize: z.int().min(1).max(1024).default(32),
  /** Number of batches per optimizer step. Needs memory for one batch only. */
  gradientAccumulation: z.int().min(1).max(1024).default(1),
  loss: LossSpec.prefault({ name: 'crossEntropy' }),
  classWeights: ClassWeightsSpec.default('none'),
  /**
   * Random transforms of the training images. With a frozen trunk, variants are drawn once and their features cached.
   * Otherwise, each epoch draws new ones.
   */
  augment: AugmentSpec.default('none'),
  /** Number of variants of each training image with a frozen trunk. */
  augmentVariants: z.int().min(1).max(64).default(3),
  mix: MixSpec.optional(),
  labelSmoothing: z.number().min(0).lt(1).default(0),
  earlyStopping: EarlyStopping.nullable().prefault({ patience: 5 }),
  /**
   * Whether to retrain the head on training and validation images together, for the best number of epochs, so that the
   * validation images are also used for training. A linear head with L2 and cross-entropy cannot overfit and is trained
   * to the end, with the learning rate decreasing to zero. Applies to heads on frozen features. The validation metrics
   * are those of the first training. The name is stored.
   */
  refit: z.boolean().default(true),
  /** Maximum minutes between checkpoints within an epoch. A checkpoint is also written after each epoch. */
  checkpointMinutes: z.number().gt(0).max(1440).default(5),
  /**
   * Number of folds for cross-validation, which shows the variance of the validation metrics: the recipe is trained on
   * all folds but one of the training and validation images and evaluated on that one, once for each fold.
   */
  folds: z.int().min(2).max(20).optional(),
  /**
   * Number of repetitions, each with other folds and another seed. Without folds: trainings on the training images with
   * different seeds; a head in closed form ignores the seed, and is fitted once.
   */
  repeats: z.int().min(1).max(20).default(1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
});
export type TrainingSpec = z.infer<typeof TrainingSpec>;
