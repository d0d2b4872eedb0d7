import { z } from 'zod';
import { FittedCalibration } from './calibration.ts';
import { ChosenStrategy, CrossValidation } from './job.ts';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { ModelVersion } from './model-version.ts';
import { Alias, JobId, Name, Time } from './names.ts';
import { SearchResult } from './search-spec.ts';

/** What a model is, how it was made and how good it is: card.json of its package. */
export const ModelCard = z.strictObject({
  model: Name,
  job: JobId,
  createdAt: Time,
  task: z.enum(['single-label', 'multi-label']),
  labels: z.array(z.string()).min(2),
  /** How many labels there are, where an answer of the API has only the first. */
  labelCount: z.int().min(2).optional(),
  /** As it was trained: of a search the best trial's, with the learning rate that was found where one was looked for. */
  spec: JobSpec,
  datasetDigest: z.string(),
  backbone: z.strictObject({
    name: z.string(),
    inputSize: z.tuple([z.int(), z.int()]),
    /** SHA-256 of the weights' content. */
    weightsDigest: z.string(),
    licence: z.string(),
  }),
  strategy: ChosenStrategy,
  /** model.onnx takes float32 [batch, height, width, 3], RGB 0..255, and gives probabilities [batch, labels]. */
  input: z.strictObject({ height: z.int(), width: z.int(), resize: z.literal('bilinear') }),
  /** SHA-256 of model.onnx. */
  modelDigest: z.string(),
  /** What all logits were divided by; 1 where each label has a scale of its own, and where nothing was calibrated. */
  temperature: z.number().gt(0),
  /** How probabilities were calibrated. Absent in cards of earlier versions. */
  calibration: FittedCalibration.optional(),
  /**
   * For multi-label, in the order of the labels: the probability from which each is given, chosen on the images that
   * calibrated it.
   */
  thresholds: z.array(z.number().min(0).max(1)).optional(),
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  crossValidation: CrossValidation.optional(),
  search: SearchResult.optional(),
  bestEpoch: z.int().min(1),
  runtime: z.string(),
  versions: z.record(z.string(), z.string()),
});
export type ModelCard = z.infer<typeof ModelCard>;

export const EpochRecord = z.strictObject({
  epoch: z.int().min(1),
  learningRate: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
});
export type EpochRecord = z.infer<typeof EpochRecord>;

/**
 * A model's versions, oldest first, and the names that point to one of them. A model of which every version was deleted
 * is not there.
 */
export const ModelRecord = z.strictObject({
  name: Name,
  versions: z.array(ModelVersion),
  aliases: z.record(z.string(), z.int().min(1)),
  /** What each alias pointed to before, the newest last; rollback goes back in it. */
  previous: z.record(z.string(), z.array(z.int().min(1))).optional(),
  /**
   * Of each alias the requests that rolled it back, the newest last (earlier versions kept one): the same request does
   * not do it twice.
   */
  rolledBackBy: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  /** The highest number that any version had: numbers are never given twice. */
  lastVersion: z.int().min(1).optional(),
  /** How many versions there are, where an answer of the API has only the newest and those that aliases point to. */
  versionCount: z.int().min(0).optional(),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

/** GET /v1/models/{name}/versions: the newest first. */
export const ModelVersionList = z.strictObject({ versions: z.array(ModelVersion), next: z.string().optional() });

/** GET /v1/models/{name}/versions/{version} */
export const ModelVersionDetails = z.strictObject({ ...ModelVersion.shape, model: Name, card: ModelCard });
export type ModelVersionDetails = z.infer<typeof ModelVersionDetails>;

/** GET /v1/models/{name}/aliases/{alias} */
export const AliasRecord = z.strictObject({
  model: Name,
  alias: Alias,
  version: z.int().min(1),
  /** The versions before, the newest last. */
  previous: z.array(z.int().min(1)),
});
export type AliasRecord = z.infer<typeof AliasRecord>;

/** PUT /v1/models/{name}/aliases/{alias}: where it is to point, and, if given, where it must point now; null: nowhere yet. */
export const SetAlias = z.strictObject({ version: z.int().min(1), expected: z.int().min(1).nullable().optional() });
export type SetAlias = z.infer<typeof SetAlias>;
