import { z } from 'zod';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { JobId, Name, Time } from './names.ts';

export const JobState = z.enum(['SUBMITTED', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
export type JobState = z.infer<typeof JobState>;

/** What a running job is doing; seconds left are an estimate. */
export const JobProgress = z.strictObject({
  stage: z.enum(['prepare', 'features', 'train', 'evaluate', 'publish']),
  /** Images in `features`, epochs in `train`. */
  done: z.int().min(0),
  total: z.int().min(0),
  imagesPerSecond: z.number().min(0).optional(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  secondsLeft: z.number().min(0).optional(),
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

export const JobResult = z.strictObject({
  model: Name,
  version: z.int().min(1),
  strategy: ChosenStrategy,
  runtime: z.string(),
  seconds: Seconds,
  /** How the features came about: a second job on the same images has decoded 0. */
  features: z.strictObject({ cached: z.int().min(0), decoded: z.int().min(0) }),
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  bestEpoch: z.int().min(1),
  /** Key of the model's package in the store. */
  package: z.string(),
});
export type JobResult = z.infer<typeof JobResult>;

export const JobError = z.looseObject({ code: z.string(), message: z.string() });

/** A job's whole state: one JSON object, replaced by compare-and-swap. */
export const JobRecord = z.strictObject({
  id: JobId,
  state: JobState,
  /** With every default written out, and the data set pinned to its digest. */
  spec: JobSpec,
  createdAt: Time,
  updatedAt: Time,
  /** 0 until the first attempt is claimed; a worker with another number may change nothing. */
  attempt: z.int().min(0),
  /** Until when the attempt is taken to be alive without word from it. */
  leaseUntil: Time.optional(),
  /** The compute's name for the attempt. */
  handle: z.string().optional(),
  progress: JobProgress.optional(),
  result: JobResult.optional(),
  error: JobError.optional(),
});
export type JobRecord = z.infer<typeof JobRecord>;
