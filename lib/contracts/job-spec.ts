import { z } from 'zod';
import { HeadSpec } from './head-spec.ts';
import { DatasetRef, Name } from './names.ts';
import { OwnModel } from './own-model.ts';
import { TrainingSpec } from './training-spec.ts';

export const BackboneSpec = z
  .strictObject({
    name: z.string().default('efficientnet_lite0'),
    /** Width multiplier, for the families that have one. */
    alpha: z.number().gt(0).max(4).optional(),
    /** Pixels: a square's side, or [height, width]; default: the catalogue's. */
    inputSize: z.union([z.int().min(1).max(2048), z.tuple([z.int().min(1).max(2048), z.int().min(1).max(2048)])]).optional(),
    /** `bundled`, `imagenet`, `none`, or the sha256 of an imported file. */
    weights: z.string().optional(),
    /** With `name: "own"`: a model that was imported. */
    own: OwnModel.optional(),
  })
  .refine(({ name, own }) => (name === 'own') === (own !== undefined), {
    path: ['own'],
    error: 'expected together with the name "own", and only then',
  })
  .refine(({ own, alpha, weights }) => own === undefined || (alpha === undefined && weights === undefined), {
    path: ['own'],
    error: 'expected without alpha and weights: an own model has its weights in it',
  });
export type BackboneSpec = z.infer<typeof BackboneSpec>;

const share = z.number().min(0).max(1);
export const SplitShares = z
  .strictObject({ train: share, validation: share, test: share })
  .refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9, 'expected shares that add up to 1')
  .refine(({ train, validation }) => train > 0 && validation > 0, 'expected more than 0 for train and for validation');
export type SplitShares = z.infer<typeof SplitShares>;

/** What a user asks for. Every default is written out in the job's record. */
export const JobSpec = z.strictObject({
  name: Name,
  dataset: DatasetRef,
  task: z.enum(['auto', 'single-label']).default('auto'),
  backbone: BackboneSpec.prefault({}),
  strategy: z.enum(['auto', 'feature-extraction']).default('auto'),
  head: HeadSpec.default('linear'),
  training: TrainingSpec.prefault({}),
  split: SplitShares.default({ train: 0.7, validation: 0.1, test: 0.2 }),
});
export type JobSpec = z.infer<typeof JobSpec>;
export type JobSpecInput = z.input<typeof JobSpec>;
