import { z } from 'zod';
import { BackboneComparison } from './backbone-comparison.ts';
import { JobEstimate } from './compute.ts';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { ExportResult, ExportSpec } from './model-export.ts';
import { Publication } from './model-version.ts';
import { Digest, JobId, Name, Time } from './names.ts';
import { PredictOptions } from './prediction.ts';
import { DatasetRef } from './reference.ts';
import { SearchResult, Trial } from './search-spec.ts';
import { WebhookDelivery } from './webhook.ts';

export const JobState = z.enum(['SUBMITTED', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
export type JobState = z.infer<typeof JobState>;

export const TrainingPhase = z.enum(['fine-tuning', 'retraining', 'cross-validation']);
export type TrainingPhase = z.infer<typeof TrainingPhase>;

/** The progress of a running job. The remaining seconds are an estimate. */
export const JobProgress = z.strictObject({
  stage: z.enum(['prepare', 'search', 'features', 'train', 'evaluate', 'publish', 'predict', 'export']),
  /**
   * In `train`, after the first training of the job: `fine-tuning` of the layers behind a trained head, `retraining` on
   * training and validation images, or `cross-validation`.
   */
  phase: TrainingPhase.optional(),
  /** Counts images in `features` and `predict`, epochs in `train`, and trainings in `search`. */
  done: z.int().min(0),
  total: z.int().min(0),
  imagesPerSecond: z.number().min(0).optional(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  secondsLeft: z.number().min(0).optional(),
  /** In `search`: the trial that just ended. */
  trial: Trial.optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

/** A result that a training can publish now. `POST /v1/jobs/{id}/finish` publishes it instead of fine-tuning further. */
export const InterimResult = z.strictObject({
  /** The strategy of the network, which has a frozen backbone. */
  strategy: z.string(),
  /** Number of images that the network was evaluated on; it was fitted to none of them. */
  images: z.int().min(1),
  accuracy: z.number().optional(),
  /** Wilson score interval of `accuracy` at a confidence level of 95%. */
  accuracyInterval: z.strictObject({ low: z.number(), high: z.number() }).optional(),
  /** The most that the fine-tuning is likely to add to `accuracy`: it rarely corrects more than half of the errors. */
  likelyGain: z.number().min(0).optional(),
  meanAveragePrecision: z.number().optional(),
  /** Estimated seconds of the fine-tuning that follows. Absent if the job's estimate does not tell it apart. */
  secondsLeft: z.number().min(0).optional(),
});
export type InterimResult = z.infer<typeof InterimResult>;

export const Seconds = z.strictObject({
  features: z.number(),
  train: z.number(),
  evaluate: z.number(),
  total: z.number(),
});

/**
 * Seconds that the computation of features waited: for images to be read and decoded, for the trunk to run, and for the
 * store to keep the features. Images are decoded while the trunk runs, so `decode` is only the time beyond that.
 */
export const FeatureWaits = z.strictObject({ decode: z.number().min(0), trunk: z.number().min(0), write: z.number().min(0) });
export type FeatureWaits = z.infer<typeof FeatureWaits>;

export const ChosenStrategy = z.strictObject({
  name: z.string(),
  /** The layer at whose output the trunk ends and the head begins. */
  cut: z.string(),
  reason: z.string(),
  evidence: z.record(z.string(), z.number()),
  /** Whether fine-tuning, or retraining a fine-tuned network, was ended by `POST /v1/jobs/{id}/finish`. */
  finishedEarly: z.boolean().optional(),
});
export type ChosenStrategy = z.infer<typeof ChosenStrategy>;

/** The distribution of a metric over several trainings. */
const Spread = z.strictObject({
  mean: z.number(),
  /** Sample standard deviation (n - 1 degrees of freedom). 0 for a single value. */
  deviation: z.number(),
  values: z.array(z.number()),
});

/**
 * The results of training.folds and training.repeats. Each network is evaluated on images that it was not trained on, with
 * the calibration and the thresholds of the model.
 */
export const CrossValidation = z.strictObject({
  folds: z.int().optional(),
  repeats: z.int(),
  /** Why there are fewer repeats than the spec asks for. */
  reason: z.string().optional(),
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
  /** Sources of the features: a second job on the same images decodes 0. */
  features: z.strictObject({
    cached: z.int().min(0),
    decoded: z.int().min(0),
    /** Absent if the attempt that ended the job computed no features to store. */
    waits: FeatureWaits.optional(),
  }),
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  crossValidation: CrossValidation.optional(),
  backbones: BackboneComparison.optional(),
  search: SearchResult.optional(),
  /** As in the card. */
  bestEpoch: z.int().min(1),
  /** Key of the model's package in the store. */
  package: z.string(),
});
export type JobResult = z.infer<typeof JobResult>;

export const JobError = z.looseObject({
  code: z.string(),
  /** One sentence: the problem and its cause. */
  message: z.string(),
  /** How to fix it. */
  fix: z.string().optional(),
  /** For a FAILED job: whether a retry of the same job may succeed. Absent in records of earlier versions. */
  retryable: z.boolean().optional(),
  /** The last lines of the attempt's log, oldest first. */
  log: z.array(z.string()).optional(),
});
export type JobError = z.infer<typeof JobError>;

/** A change of a job's state, with the error's code if there was an error. */
export const StateChange = z.strictObject({ state: JobState, time: Time, attempt: z.int().min(0), code: z.string().optional() });
export type StateChange = z.infer<typeof StateChange>;

/** Members that all kinds of jobs share. */
const life = {
  id: JobId,
  state: JobState,
  createdAt: Time,
  updatedAt: Time,
  /** 0 until the first attempt is claimed. A worker with a different number may not change the record. */
  attempt: z.int().min(0),
  /** Until when the attempt counts as running without a heartbeat. */
  leaseUntil: Time.optional(),
  /** The compute's identifier of the attempt. */
  handle: z.string().optional(),
  progress: JobProgress.optional(),
  error: JobError.optional(),
  /** The failed or cancelled job that this job retries. */
  retryOf: JobId.optional(),
  /** All states of the job, oldest first. */
  history: z.array(StateChange).optional(),
  /**
   * Number of intermediate results that a later attempt can reuse: feature shards, checkpoints, trials, output parts.
   * It never decreases.
   */
  kept: z.int().min(0).optional(),
  /** `kept` at the start of the attempt. */
  keptBefore: z.int().min(0).optional(),
  /** Number of attempts that ended without a result or new intermediate results. */
  losses: z.int().min(0).optional(),
};

/** The complete state of a training job: one JSON object, replaced by compare-and-swap. */
export const JobRecord = z.strictObject({
  ...life,
  /** A record without a kind is a training job. */
  kind: z.literal('train').optional(),
  /** Includes all defaults, and pins the data set to its digest. */
  spec: JobSpec,
  /**
   * The digest of the version's ancestors when the job was made: its split begins with theirs. Absent in records of
   * earlier versions, whose splits begin with those of the present ancestors.
   */
  datasetLineage: Digest.optional(),
  /** The estimated time and cost, and the compute target. */
  estimate: JobEstimate.optional(),
  /**
   * Seconds that functions worked on features until their last attempt was lost. Set while the job has a limit of cost
   * and not all features are there: the machine that extracts the rest may use what is left of the limit.
   */
  extractionSeconds: z.number().min(0).optional(),
  /**
   * Seconds that the attempts have worked, without those in which their machine slept. Set while the job has a limit, on
   * one machine: those of AWS do not sleep.
   */
  workedSeconds: z.number().min(0).optional(),
  /** Set from the time when a network with a frozen backbone is ready until the job ends. */
  interim: InterimResult.optional(),
  /** When the user asked to publish the interim result. */
  finishRequested: Time.optional(),
  /**
   * Set once, before the model is published. From then on, the job cannot be cancelled, and any later attempt publishes
   * this version.
   */
  publishing: Publication.optional(),
  result: JobResult.optional(),
  /** Added by the API to the response for a single job, once the webhook was tried. Not part of the stored record. */
  webhook: WebhookDelivery.optional(),
  /**
   * The page of the version's report: its address below that of the API, and no signed link, which would change with each
   * response. Added by the API to the response for a single job, as `webhook`.
   */
  reportPage: z.string().optional(),
});
export type JobRecord = z.infer<typeof JobRecord>;

/** The images of a batch prediction: a data set, or all objects below a prefix of the store or of another bucket. */
export const BatchPredictSpec = z.strictObject({
  /** The model, and the version that its reference resolved to when the job was created. */
  name: Name,
  version: z.int().min(1),
  dataset: DatasetRef.optional(),
  prefix: z.string().optional(),
  /** `s3://BUCKET/PREFIX` in a bucket that this deployment may read. */
  source: z.string().optional(),
  ...PredictOptions.shape,
});
export type BatchPredictSpec = z.infer<typeof BatchPredictSpec>;

export const BatchPredictResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  /** Number of images processed, and of those that could not be read. */
  images: z.int().min(0),
  failed: z.int().min(0),
  /** Prefix of the output's keys in the store: JSON Lines, in several parts. */
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

export const ExportJob = z.strictObject({
  ...life,
  kind: z.literal('export'),
  spec: ExportSpec,
  result: ExportResult.optional(),
});
export type ExportJob = z.infer<typeof ExportJob>;

/** A job of any kind. */
export const AnyJob = z.discriminatedUnion('kind', [JobRecord, BatchPredictJob, EvaluateJob, ExportJob]);
export type AnyJob = z.infer<typeof AnyJob>;
export type AnyResult = NonNullable<AnyJob['result']>;

/** Checks whether a job trains a model. */
export function isTraining(job: AnyJob): job is JobRecord {
  return job.kind === undefined || job.kind === 'train';
}
