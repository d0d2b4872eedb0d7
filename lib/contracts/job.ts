import { z } from 'zod';
import { JobEstimate } from './compute.ts';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { Publication } from './model-version.ts';
import { JobId, Name, Time } from './names.ts';
import { PredictOptions } from './prediction.ts';
import { DatasetRef } from './reference.ts';
import { SearchResult, Trial } from './search-spec.ts';
import { WebhookDelivery } from './webhook.ts';

export const JobState = z.enum(['SUBMITTED', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
export type JobState = z.infer<typeof JobState>;

export const TrainingPhase = z.enum(['fine-tuning', 'retraining', 'cross-validation']);
export type TrainingPhase = z.infer<typeof TrainingPhase>;

/** What a running job is doing; seconds left are an estimate. */
export const JobProgress = z.strictObject({
  stage: z.enum(['prepare', 'search', 'features', 'train', 'evaluate', 'publish', 'predict']),
  /**
   * In `train`, after the job's first training: `fine-tuning` of layers behind a trained head, `retraining` on training and
   * validation images, or `cross-validation`.
   */
  phase: TrainingPhase.optional(),
  /** Images in `features` and `predict`, epochs in `train`, trainings in `search`. */
  done: z.int().min(0),
  total: z.int().min(0),
  imagesPerSecond: z.number().min(0).optional(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  secondsLeft: z.number().min(0).optional(),
  /** In `search`: the one that has just ended. */
  trial: Trial.optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const Seconds = z.strictObject({
  features: z.number(),
  train: z.number(),
  evaluate: z.number(),
  total: z.number(),
});

export const ChosenStrategy = z.strictObject({
  name: z.string(),
  /** The layer at whose output trunk and head meet. */
  cut: z.string(),
  reason: z.string(),
  evidence: z.record(z.string(), z.number()),
});
export type ChosenStrategy = z.infer<typeof ChosenStrategy>;

/** Of the same thing, trained and judged several times. */
const Spread = z.strictObject({
  mean: z.number(),
  /** Standard deviation, with one degree of freedom less; 0 for a single value. */
  deviation: z.number(),
  values: z.array(z.number()),
});

/** What training.folds and training.repeats show: each value is of a network that has not seen the images which judge it. */
export const CrossValidation = z.strictObject({
  folds: z.int().optional(),
  repeats: z.int(),
  metrics: z.strictObject({
    accuracy: Spread.optional(),
    meanAveragePrecision: Spread.optional(),
    negativeLogLikelihood: Spread,
  }),
});
export type CrossValidation = z.infer<typeof CrossValidation>;

export const JobResult = z.strictObject({
  model: Name,
  version: z.int().min(1),
  strategy: ChosenStrategy,
  runtime: z.string(),
  seconds: Seconds,
  /** How the features came about: a second job on the same images has decoded 0. */
  features: z.strictObject({ cached: z.int().min(0), decoded: z.int().min(0) }),
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  crossValidation: CrossValidation.optional(),
  search: SearchResult.optional(),
  bestEpoch: z.int().min(1),
  /** Key of the model's package in the store. */
  package: z.string(),
});
export type JobResult = z.infer<typeof JobResult>;

export const JobError = z.looseObject({
  code: z.string(),
  /** One sentence: what is wrong, and why. */
  message: z.string(),
  /** What to do. */
  fix: z.string().optional(),
  /** Of a job that FAILED: whether the same job may succeed if it is retried; absent in records of earlier versions. */
  retryable: z.boolean().optional(),
  /** The last lines of the attempt's log, the newest last. */
  log: z.array(z.string()).optional(),
});
export type JobError = z.infer<typeof JobError>;

/** A change of a job's state, and the error's code where there was one. */
export const StateChange = z.strictObject({ state: JobState, time: Time, attempt: z.int().min(0), code: z.string().optional() });
export type StateChange = z.infer<typeof StateChange>;

/** What jobs of every kind have. */
const life = {
  id: JobId,
  state: JobState,
  createdAt: Time,
  updatedAt: Time,
  /** 0 until the first attempt is claimed; a worker with another number may change nothing. */
  attempt: z.int().min(0),
  /** Until when the attempt is taken to be alive without word from it. */
  leaseUntil: Time.optional(),
  /** The compute's name for the attempt. */
  handle: z.string().optional(),
  progress: JobProgress.optional(),
  error: JobError.optional(),
  /** The job that failed or was cancelled, of which this one is another try. */
  retryOf: JobId.optional(),
  /** Every state that the job was in, the first one first. */
  history: z.array(StateChange).optional(),
  /**
   * Results that a later attempt finds: shards of features, checkpoints, trials, parts of an output. This number never
   * decreases.
   */
  kept: z.int().min(0).optional(),
  /** `kept` at the beginning of the attempt. */
  keptBefore: z.int().min(0).optional(),
  /** Attempts that ended without a result and kept nothing new. */
  losses: z.int().min(0).optional(),
};

/** A training's whole state: one JSON object, replaced by compare-and-swap. */
export const JobRecord = z.strictObject({
  ...life,
  /** A record without a kind is that of a training. */
  kind: z.literal('train').optional(),
  /** With every default written out, and the data set pinned to its digest. */
  spec: JobSpec,
  /** What it was expected to take, and where it runs. */
  estimate: JobEstimate.optional(),
  /**
   * Set once, before the model is published: from then on the job cannot be cancelled, and any later attempt publishes
   * this version.
   */
  publishing: Publication.optional(),
  result: JobResult.optional(),
  /** Told of one job by the API, once its webhook was tried. It is no part of the stored record. */
  webhook: WebhookDelivery.optional(),
});
export type JobRecord = z.infer<typeof JobRecord>;

/** Images for a batch prediction: those of a data set, or all objects below a prefix, of the store or of another bucket. */
export const BatchPredictSpec = z.strictObject({
  /** The model, and the version that its reference meant when the job was made. */
  name: Name,
  version: z.int().min(1),
  dataset: DatasetRef.optional(),
  prefix: z.string().optional(),
  /** `s3://BUCKET/PREFIX` of a bucket that this Graft may read. */
  source: z.string().optional(),
  ...PredictOptions.shape,
});
export type BatchPredictSpec = z.infer<typeof BatchPredictSpec>;

export const BatchPredictResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  /** Images that the model was asked about, and those of them that could not be read. */
  images: z.int().min(0),
  failed: z.int().min(0),
  /** Prefix of the output's keys in the store: JSON Lines, in parts. */
  output: z.string(),
});
export type BatchPredictResult = z.infer<typeof BatchPredictResult>;

export const BatchPredictJob = z.strictObject({
  ...life,
  kind: z.literal('batch-predict'),
  spec: BatchPredictSpec,
  result: BatchPredictResult.optional(),
});
export type BatchPredictJob = z.infer<typeof BatchPredictJob>;

export const EvaluateSpec = z.strictObject({ name: Name, version: z.int().min(1), dataset: DatasetRef });
export type EvaluateSpec = z.infer<typeof EvaluateSpec>;

export const EvaluateResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  dataset: z.string(),
  metrics: Metrics,
});
export type EvaluateResult = z.infer<typeof EvaluateResult>;

export const EvaluateJob = z.strictObject({
  ...life,
  kind: z.literal('evaluate'),
  spec: EvaluateSpec,
  result: EvaluateResult.optional(),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

/** A job of any kind. */
export const AnyJob = z.discriminatedUnion('kind', [JobRecord, BatchPredictJob, EvaluateJob]);
export type AnyJob = z.infer<typeof AnyJob>;
export type AnyResult = NonNullable<AnyJob['result']>;

/** Whether a job trains a model. */
export function isTraining(job: AnyJob): job is JobRecord {
  return job.kind === undefined || job.kind === 'train';
}
