import { z } from 'zod';
import { JobEstimate } from './compute.ts';
import { ErrorMembers } from './errors/error-members.ts';
import { next } from './file-link.ts';
import { AnyJob, JobState } from './job.ts';
import { JobSpec } from './job-spec.ts';
import { ModelRecord } from './model-record.ts';
import { Name, StorePrefix } from './names.ts';
import { S3Address } from './object-address.ts';
import { PredictOptions } from './prediction.ts';
import { queryIntegerOr } from './query-number.ts';
import { DatasetRef } from './reference.ts';

export { PredictionResult } from './prediction.ts';

export const JobList = z.strictObject({ jobs: z.array(AnyJob), next });
export const ModelList = z.strictObject({ models: z.array(ModelRecord), next });

/**
 * POST /v1/models/{ref}/batch-predictions: the images of a data set, or all images below a prefix of the store or of
 * S3.
 */
export const BatchPredictBody = z.union(
  [
    z.strictObject({ dataset: DatasetRef, ...PredictOptions.shape }),
    z.strictObject({
      prefix: z.union([StorePrefix, S3Address], 'expected inputs/PREFIX or s3://BUCKET/PREFIX'),
      ...PredictOptions.shape,
    }),
  ],
  'expected a dataset or a prefix, and not both',
);
export type BatchPredictInput = z.input<typeof BatchPredictBody>;

/** POST /v1/models/{ref}/evaluations */
export const EvaluateBody = z.strictObject({ dataset: DatasetRef });

/** POST /v1/estimates: the estimate, and the job spec as it would be recorded. */
export const EstimatedJob = JobEstimate.extend({ spec: JobSpec });
export type EstimatedJob = z.infer<typeof EstimatedJob>;

export const Health = z.strictObject({ status: z.literal('ok'), version: z.string(), node: z.string() });

/** The embedded store's response to an upload. */
export const UploadedFile = z.strictObject({ size: z.int().min(0) });

/** A summary of a backbone, for choosing one. */
export const BackboneSummary = z.strictObject({
  name: z.string(),
  /** Parameters without the 1000-class top. */
  parameters: z.int(),
  /** Pixels per side. */
  inputSize: z.strictObject({ default: z.int(), minimum: z.int() }),
  /** Width multipliers with pretrained weights. Empty if the family has none. */
  alphas: z.array(z.number()),
  licence: z.string(),
  paper: z.string(),
  /** Speed as a frozen trunk, on one core, at the default input size. Absent if not measured. */
  speed: z.strictObject({ class: z.enum(['fast', 'medium', 'slow']), imagesPerSecond: z.number() }).optional(),
  /** Weights that are already stored. A job downloads the others when it needs them. */
  weights: z.array(z.enum(['bundled', 'imagenet', 'imported'])),
});
export type BackboneSummary = z.infer<typeof BackboneSummary>;

/** GET /v1/backbones */
export const BackboneList = z.strictObject({ backbones: z.array(BackboneSummary) });

/** The most entries of a page. */
export const LARGEST_PAGE = 100;

export const PageQuery = z.strictObject({
  after: z.string().optional(),
  limit: queryIntegerOr(z.int().min(1).max(LARGEST_PAGE), 50),
});

/** GET /v1/jobs: filters combine with AND. */
export const JobQuery = PageQuery.extend({ state: JobState.optional(), model: Name.optional(), dataset: DatasetRef.optional() });
export type JobQuery = z.infer<typeof JobQuery>;

/** RFC 9457, application/problem+json. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  ...ErrorMembers.shape,
});
export type Problem = z.infer<typeof Problem>;
