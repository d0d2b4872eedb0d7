import { z } from 'zod';
import { AugmentSpec } from './augment-spec.ts';
import { ComputeSpec } from './compute.ts';
import { withRules } from './explain/with-rules.ts';
import { HeadSpec } from './head-spec.ts';
import { Name } from './names.ts';
import { NoveltySpec } from './novelty.ts';
import { OwnModel } from './own-model.ts';
import { computePrecisions } from './precision.ts';
import { DatasetRef } from './reference.ts';
import { SearchSpec } from './search-spec.ts';
import { EarlyStopping, ScheduleSpec, TrainingSpec } from './training-spec.ts';
import { WebhookSpec } from './webhook.ts';

/** Pixels: the side of a square, or [height, width]. Default: from the catalogue. */
const InputSize = z.union([z.int().min(1).max(2048), z.tuple([z.int().min(1).max(2048), z.int().min(1).max(2048)])]);

const backboneMembers = {
  /** Width multiplier, for families that have one. */
  alpha: z.number().gt(0).max(4).optional(),
  inputSize: InputSize.optional(),
  /** `bundled`, `imagenet`, `none`, or the SHA-256 of an imported file. */
  weights: z.string().optional(),
};

/** A backbone of the catalogue that takes part in a comparison. */
export const CandidateBackbone = z.strictObject({ name: z.string(), ...backboneMembers });
export type CandidateBackbone = z.infer<typeof CandidateBackbone>;

/** The name of a backbone that the job chooses itself, by evidence. */
export const CHOSEN_BACKBONE = 'auto';
/** The most backbones that one job compares. */
export const MOST_CANDIDATES = 16;

const backboneSettings = {
  ...backboneMembers,
  /**
   * What the frozen backbone computes its features in. `int8` is used only if it is faster on the machine that trains
   * and if a head on its features loses no more than the measurement's error. Default: `float32`.
   */
  precision: z.enum(computePrecisions).optional(),
  /**
   * Whether images of another aspect ratio than the input's are cropped in their middle instead of squeezed. Default:
   * strategy `auto` compares both where images lose much by it; all others squeeze.
   */
  cropToAspectRatio: z.boolean().optional(),
  /** An imported model, with `name: "own"`. */
  own: OwnModel.optional(),
  /**
   * The backbones to compare, with `name: "auto"`. Default: all whose weights are in the store. `inputSize` is then that
   * of each candidate without its own.
   */
  candidates: z.array(CandidateBackbone).min(1).max(MOST_CANDIDATES).optional(),
};
const DEFAULT_BACKBONE = 'efficientnet_lite0';

/** The backbone of a job. */
export const BackboneSpec = withRules(
  z.strictObject({
    /** Of the catalogue; `own` for an imported model; `auto` compares several backbones and chooses one. */
    name: z.string().default(DEFAULT_BACKBONE),
    ...backboneSettings,
  }),
  {
    expected: 'own together with the name "own", and only then',
    holds: ({ name, own }) => (name === 'own') === (own !== undefined),
    path: ['own'],
    error: 'together with the name "own", and only then',
  },
  {
    expected: 'own without alpha and weights: a model of your own has its weights in it',
    holds: ({ own, alpha, weights }) => own === undefined || (alpha === undefined && weights === undefined),
    path: ['own'],
    error: 'without alpha and weights: a model of your own has its weights in it',
  },
  {
    expected: 'candidates only with the name "auto", which has no alpha and weights of its own',
    holds: ({ name, candidates, ...members }) =>
      name === CHOSEN_BACKBONE ? isWithoutMembers(members) : candidates === undefined,
    path: ['candidates'],
  },
);
export type BackboneSpec = z.infer<typeof BackboneSpec>;

function isWithoutMembers({ alpha, weights }: Partial<CandidateBackbone>): boolean {
  return alpha === undefined && weights === undefined;
}

/** A backbone as users write it: with a list of names, which is `auto` with these candidates. */
const WrittenBackbone = withRules(
  z.strictObject({
    name: z.union([z.string(), z.array(z.string()).min(1).max(MOST_CANDIDATES)]).default(DEFAULT_BACKBONE),
    ...backboneSettings,
  }),
  {
    expected: 'a list of names without candidates, because the names are the candidates',
    holds: ({ name, candidates }) => typeof name === 'string' || candidates === undefined,
    path: ['candidates'],
    error: 'no candidates beside a list of names',
  },
)
  .meta({ description: BackboneSpec.description })
  .transform(
    ({ name, ...settings }): z.input<typeof BackboneSpec> =>
      typeof name === 'string'
        ? { name, ...settings }
        : { ...settings, name: CHOSEN_BACKBONE, candidates: name.map((candidate) => ({ name: candidate })) },
  )
  .pipe(BackboneSpec);

const share = z.number().min(0).max(1);
const aboveZero = share.gt(0);
export const SplitShares = withRules(z.strictObject({ train: aboveZero, validation: aboveZero, test: share }), {
  expected: 'shares that add up to 1',
  holds: ({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9,
});
export type SplitShares = z.infer<typeof SplitShares>;

/**
 * What to freeze: all, none, the stages up to a named one, a number of stages, or the layers whose full name matches a
 * pattern.
 */
export const FreezeSpec = z.union([
  z.enum(['all', 'none']),
  z.strictObject({ through: z.string().min(1).max(200) }),
  z.strictObject({ stages: z.int().min(0).max(100) }),
  z.strictObject({
    layers: z
      .string()
      .min(1)
      .max(200)
      .meta({
        description:
          'A regular expression in the syntax of JavaScript, without back-references, look-ahead and look-behind, and with ' +
          'repeat counts of at most 1000. It is matched in linear time against the whole name of each layer.',
      }),
  }),
]);
export type FreezeSpec = z.infer<typeof FreezeSpec>;

/**
 * With `fineTuning.blend`: the candidate shares for the interpolation between the weights before (0) and after (1)
 * fine-tuning.
 */
export const INTERPOLATION_SHARES = [0, 0.25, 0.5, 0.75, 1] as const;

/**
 * How to train the layers after the cut once the head is trained (strategies fine-tune-top, fine-tune-all and auto).
 */
export const FineTuningSpec = z.strictObject({
  /** Factor of the optimizer's learning rate. Large steps would destroy the pretrained features. */
  learningRateFactor: z.number().gt(0).max(1).default(0.06),
  epochs: z.int().min(1).max(1000).default(8),
  schedule: ScheduleSpec.prefault({ name: 'cosine', warmupEpochs: 1 }),
  earlyStopping: EarlyStopping.nullable().default(null),
  /**
   * Random transforms of the training images of the fine-tuning. `auto`: those of `training.augment`; without any,
   * strategy auto uses `light` from 500 training images on, without mirrored images where these raise the loss of a
   * linear head on held-out ones.
   */
  augment: z.union([z.literal('auto'), AugmentSpec]).default('auto'),
  /**
   * Whether to interpolate between the weights before and after fine-tuning, at the share with the lowest validation
   * loss (arXiv:2109.01903). If false, the epoch with the lowest validation loss is kept. The name is stored.
   */
  blend: z.boolean().default(true),
  /**
   * Ratio between the learning rates of a stage and of the stage above it (discriminative fine-tuning,
   * arXiv:1801.06146). 1: the same rate for all stages.
   */
  stageDecay: z.number().gt(0).max(1).default(1),
  /**
   * Unfreezes one stage after another, from the top, each for this many epochs, before all stages train together
   * (arXiv:1801.06146). null: unfreezes all stages at once.
   */
  gradualUnfreezing: z
    .strictObject({ epochsPerStage: z.int().min(1).max(1000).default(1) })
    .nullable()
    .default(null),
  /** Maximum estimated time that strategy auto spends on fine-tuning. */
  budgetMinutes: z.number().min(0).max(100_000).default(20),
});
export type FineTuningSpec = z.infer<typeof FineTuningSpec>;

/** A user's training request. The job's record includes all defaults. */
export const JobSpec = z.strictObject({
  name: Name,
  dataset: DatasetRef,
  /**
   * Default: what the labels say. `one-class` makes a detector of images that are unlike those of the only class.
   */
  task: z.enum(['auto', 'single-label', 'multi-label', 'one-class']).default('auto'),
  backbone: WrittenBackbone.prefault({}),
  strategy: z
    .enum(['auto', 'feature-extraction', 'stage-features', 'earlier-features', 'fine-tune-top', 'fine-tune-all'])
    .default('auto'),
  /**
   * `fast`: strategy auto stops at the closed-form head, which takes seconds once features are cached. `best`: it
   * fine-tunes even few images, and publishes the average of the head and the fine-tuned network where that is better.
   */
  effort: z.enum(['fast', 'auto', 'best']).default('auto'),
  /** Replaces the strategy. */
  freeze: FreezeSpec.optional().meta({ description: 'Expected instead of a strategy: only where strategy is left out or auto.' }),
  fineTuning: FineTuningSpec.prefault({}),
  head: HeadSpec.default('linear'),
  training: TrainingSpec.prefault({}),
  split: SplitShares.default({ train: 0.7, validation: 0.1, test: 0.2 }),
  /** Recognizes images that are unlike those of the data set. null: the model has no novelty score. */
  novelty: NoveltySpec.nullable().prefault({}),
  /** Tries several specs and trains the best one. */
  search: SearchSpec.optional(),
  compute: ComputeSpec.prefault({}),
  /** Called when the job ends. */
  webhook: WebhookSpec.optional(),
});
export type JobSpec = z.infer<typeof JobSpec>;
export type JobSpecInput = z.input<typeof JobSpec>;
