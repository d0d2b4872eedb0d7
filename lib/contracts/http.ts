import { z } from 'zod';
import { DatasetRecord, UploadFile } from './dataset.ts';
import { JobRecord } from './job.ts';
import { ModelRecord } from './model.ts';
import { Name } from './names.ts';

/** POST /v1/datasets */
export const CreateUpload = z.strictObject({
  name: Name,
  /** Share of refused files above which the import fails. */
  maxRefused: z.number().min(0).max(1).default(0.05),
});

/** POST /v1/datasets/{id}/files: the next part of the listing. */
export const AddFiles = z.strictObject({ files: z.array(UploadFile).min(1).max(1000) });

const SignedRequest = z.strictObject({ method: z.literal('PUT'), url: z.string(), headers: z.record(z.string(), z.string()) });

/** The files of this part that must be sent; the others are there already. */
export const AddedFiles = z.strictObject({ uploads: z.array(z.strictObject({ path: z.string(), request: SignedRequest })) });
export type AddedFiles = z.infer<typeof AddedFiles>;

/** POST /v1/datasets/{id}/complete: how many parts and files were sent, so that a lost part is noticed. */
export const CompleteUpload = z.strictObject({ parts: z.int().min(1), files: z.int().min(1) });

export const DatasetList = z.strictObject({ datasets: z.array(DatasetRecord) });
export const JobList = z.strictObject({ jobs: z.array(JobRecord), next: z.string().optional() });
export const ModelList = z.strictObject({ models: z.array(ModelRecord), next: z.string().optional() });

/** A row of the catalogue, as people choose by it. */
export const BackboneSummary = z.strictObject({
  name: z.string(),
  /** Without the 1000-class top. */
  parameters: z.int(),
  /** Pixels a side. */
  inputSize: z.strictObject({ default: z.int(), minimum: z.int() }),
  /** Width multipliers that have weights; empty where the family has none. */
  alphas: z.array(z.number()),
  licence: z.string(),
  paper: z.string(),
  /** Which weights are here already; the others are pulled when a job wants them. */
  weights: z.array(z.enum(['bundled', 'imagenet', 'imported'])),
});
export type BackboneSummary = z.infer<typeof BackboneSummary>;

/** GET /v1/backbones */
export const BackboneList = z.strictObject({ backbones: z.array(BackboneSummary) });

export const PageQuery = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** POST /v1/models/{ref}/predict as JSON; raw image bytes work too. */
export const PredictBody = z.strictObject({
  images: z
    .array(z.strictObject({ name: z.string().max(1024).optional(), base64: z.base64().min(1) }))
    .min(1)
    .max(32),
  topK: z.int().min(1).max(1000).default(5),
});
export type PredictBody = z.infer<typeof PredictBody>;

export const PredictionResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  predictions: z.array(
    z.strictObject({
      image: z.string(),
      labels: z.array(z.strictObject({ label: z.string(), probability: z.number() })),
      /** True where the model would rather not say. */
      abstained: z.boolean(),
    }),
  ),
});
export type PredictionResult = z.infer<typeof PredictionResult>;

/** RFC 9457, application/problem+json. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  at: z.string().optional(),
  expected: z.string().optional(),
  received: z.unknown().optional(),
  fix: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
