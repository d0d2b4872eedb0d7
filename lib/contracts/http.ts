import { z } from 'zod';
import { JobEstimate } from './compute.ts';
import {
  DatasetRecord,
  DatasetReport,
  DatasetVersion,
  ImagePath,
  LabelOrigin,
  LabelSource,
  Sha256,
  SplitPart,
  UploadFile,
} from './dataset.ts';
import { ErrorMembers } from './error-members.ts';
import { AnyJob, JobState } from './job.ts';
import { JobSpec } from './job-spec.ts';
import { ModelRecord } from './model.ts';
import { Digest, Name, StorePrefix, Time } from './names.ts';
import { S3Address } from './object-address.ts';
import { PredictOptions } from './prediction.ts';
import { queryFlag, queryIntegerOr } from './query-number.ts';
import { DatasetRef } from './reference.ts';

export { PredictionResult } from './prediction.ts';

/** POST /v1/datasets */
export const CreateUpload = z.strictObject({
  name: Name,
  /** The import fails if a larger share of the files is refused. */
  maxRefused: z.number().min(0).max(1).default(0.05),
  /** External images: the client uploads nothing, and the import starts immediately. */
  source: S3Address.optional(),
});

/** POST /v1/datasets/{id}/files: the next part of the file list. */
export const AddFiles = z.strictObject({ files: z.array(UploadFile).min(1).max(1000) });

const SignedRequest = z.strictObject({
  method: z.enum(['PUT', 'GET']),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

/** The files of this part that the client must upload. The other files are already stored. */
export const AddedFiles = z.strictObject({ uploads: z.array(z.strictObject({ path: z.string(), request: SignedRequest })) });
export type AddedFiles = z.infer<typeof AddedFiles>;

/** POST /v1/datasets/{id}/complete: the number of parts and files sent, to detect a missing part. */
export const CompleteUpload = z.strictObject({ parts: z.int().min(1), files: z.int().min(1) });

/** The most images of a request that sets labels. */
export const MOST_LABELS_AT_ONCE = 1000;

/** The labels of one image; null: it waits for a label again. */
export const ImageLabel = z.strictObject({
  /** The path of an image, or the SHA-256 of all images with this content. */
  image: z.union([Sha256, ImagePath]),
  labels: z.array(z.string().min(1).max(1024)).max(100).nullable(),
  source: LabelSource.exclude(['import']).default('person'),
});
export type ImageLabel = z.infer<typeof ImageLabel>;

/** POST /v1/datasets/{id}/labels */
export const SetLabels = z.strictObject({
  /** The digest that must still be the latest version's. Default: whichever is the latest. */
  base: Digest.optional(),
  labels: z.array(ImageLabel).min(1).max(MOST_LABELS_AT_ONCE),
});
export type SetLabels = z.infer<typeof SetLabels>;
export type SetLabelsInput = z.input<typeof SetLabels>;

/** A version with new labels. If the labels were the same before, it is the base. */
export const LabelledVersion = z.strictObject({
  dataset: Name,
  digest: Digest,
  /** Number of images whose labels differ from the base. */
  changed: z.int().min(0),
  labelled: z.int().min(0),
  unlabelled: z.int().min(0),
  classes: DatasetReport.shape.classes,
});
export type LabelledVersion = z.infer<typeof LabelledVersion>;

/** The value of `after` for the next page. Absent on the last page. */
const next = z.string().optional();

export const DatasetList = z.strictObject({ datasets: z.array(DatasetRecord), next });
/** GET /v1/datasets/{id}/versions: newest first. */
export const DatasetVersionList = z.strictObject({ versions: z.array(DatasetVersion), next });
export const JobList = z.strictObject({ jobs: z.array(AnyJob), next });
export const ModelList = z.strictObject({ models: z.array(ModelRecord), next });

/** DELETE /v1/datasets/{id} */
export const DeletedDataset = z.strictObject({
  dataset: Name,
  /** Digests of the deleted versions. */
  versions: z.array(Digest),
});
export type DeletedDataset = z.infer<typeof DeletedDataset>;

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

/** A file to download, with a signed request that is valid until it expires. */
export const FileLink = z.strictObject({
  name: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  request: z.strictObject({ method: z.literal('GET'), url: z.string(), headers: z.record(z.string(), z.string()) }),
  expiresAt: Time,
});
export type FileLink = z.infer<typeof FileLink>;
export const FileList = z.strictObject({ files: z.array(FileLink), next });
export type FileList = z.infer<typeof FileList>;

/** An image of a data set version. */
export const DatasetImage = z.strictObject({
  path: z.string(),
  labels: z.array(z.string()),
  /** The image waits for a label. */
  unlabelled: z.literal(true).optional(),
  /** The set that the manifest, or the draw of test images among those without a label, put it into. */
  split: SplitPart.optional(),
  /** Who set the labels, and when. Absent for labels of the import. */
  labelled: LabelOrigin.optional(),
  sha256: Sha256,
  /** Pixels, after applying the EXIF orientation. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Downloads the file until `expiresAt` of the list. Absent for external images, which stay in their bucket. */
  request: FileLink.shape.request.optional(),
});
export type DatasetImage = z.infer<typeof DatasetImage>;

/** GET /v1/datasets/{id}/images: by path. */
export const DatasetImageList = z.strictObject({ images: z.array(DatasetImage), expiresAt: Time, next });
export type DatasetImageList = z.infer<typeof DatasetImageList>;

/** The images of one label, or of all; `after` is a path. */
export const DatasetImageQuery = z.strictObject({
  label: z.string().min(1).max(1024).optional(),
  /** Only images that wait for a label, or only those that do not. */
  unlabelled: queryFlag().optional(),
  after: z.string().min(1).max(1024).optional(),
  limit: queryIntegerOr(z.int().min(1).max(200), 50),
});

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

export const PageQuery = z.strictObject({
  after: z.string().optional(),
  limit: queryIntegerOr(z.int().min(1).max(100), 50),
});

/** Pagination of a list of files, which allows larger pages. */
export const FilePageQuery = z.strictObject({
  after: z.string().optional(),
  limit: queryIntegerOr(z.int().min(1).max(1000), 1000),
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
