/** Bodies and queries of the routes of data sets. */
import { z } from 'zod';
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
import { withRules } from './explain/with-rules.ts';
import { FileLink, next } from './file-link.ts';
import { Digest, Name, Time } from './names.ts';
import { S3Address } from './object-address.ts';
import { queryFlag, queryIntegerOr, queryIntegers } from './query-number.ts';
import { MOST_FILES_A_PART, MOST_LABELS_AT_ONCE, MOST_UNSENT } from './request-limits.ts';

/** POST /v1/datasets */
export const CreateUpload = z.strictObject({
  name: Name,
  /** The import fails if a larger share of the files is refused. */
  maxRefused: z.number().min(0).max(1).default(0.05),
  /** External images: the client uploads nothing, and the import starts immediately. */
  source: S3Address.optional(),
});

/** POST /v1/datasets/{id}/files: the next part of the file list. */
export const AddFiles = z.strictObject({ files: z.array(UploadFile).min(1).max(MOST_FILES_A_PART) });

const SignedRequest = z.strictObject({
  method: z.enum(['PUT', 'GET']),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

/** The files of this part that the client must upload. The other files are already stored. */
export const AddedFiles = z.strictObject({ uploads: z.array(z.strictObject({ path: z.string(), request: SignedRequest })) });
export type AddedFiles = z.infer<typeof AddedFiles>;

/** POST /v1/datasets/{id}/complete: the number of parts and files sent, to detect a missing part. */
export const CompleteUpload = z.strictObject({
  parts: z.int().min(1),
  files: z.int().min(1),
  /** Files that the client did not send, because they cannot be used. The import counts and reports them as refused. */
  refused: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(1024),
        code: z
          .string()
          .max(64)
          .regex(/^[A-Z][A-Z0-9_]*$/, 'expected capital letters, digits and "_"'),
        message: z.string().max(1024),
      }),
    )
    .max(MOST_UNSENT)
    .optional(),
  /** Number of such files that `refused` omits. */
  omitted: z.int().min(0).optional(),
});
export type CompleteUpload = z.infer<typeof CompleteUpload>;
export type UnsentFiles = Pick<CompleteUpload, 'refused' | 'omitted'>;

/** The labels of one image; null removes them. */
export const ImageLabel = withRules(
  z.strictObject({
    /** The path of an image, or the SHA-256 of all images with this content. */
    image: z.union([Sha256, ImagePath]),
    labels: z.array(z.string().min(1).max(1024)).max(100).nullable(),
    source: LabelSource.exclude(['import']).default('person'),
    /**
     * Whether a person says that these labels are right, so that nothing suspects them any more. Default: as before, if
     * the labels stay the same, and otherwise false.
     */
    confirmed: z.boolean().optional(),
  }),
  {
    expected: 'labels where confirmed is true',
    holds: ({ labels, confirmed }) => labels !== null || confirmed !== true,
    path: ['labels'],
  },
);
export type ImageLabel = z.infer<typeof ImageLabel>;

/** POST /v1/datasets/{id}/labels */
export const SetLabels = z.strictObject({
  /** The digest that must still be the latest version's. Default: whichever is the latest. */
  base: Digest.optional(),
  labels: z.array(ImageLabel).min(1).max(MOST_LABELS_AT_ONCE),
});
export type SetLabels = z.infer<typeof SetLabels>;
export type SetLabelsInput = z.input<typeof SetLabels>;

/** POST /v1/datasets/{id}/labels/read: images by their paths; `after` is a path. */
export const ReadLabels = z.strictObject({
  images: z.array(ImagePath).min(1).max(MOST_LABELS_AT_ONCE),
  after: z.string().min(1).max(1024).optional(),
});
export type ReadLabels = z.infer<typeof ReadLabels>;

/** The labels of images in a version, by path, without images that it lacks. */
export const ImageLabels = z.strictObject({
  dataset: Name,
  digest: Digest,
  images: z.array(
    z.strictObject({
      path: z.string(),
      /** Null: the image has no label yet. */
      labels: z.array(z.string()).nullable(),
      /** A person has confirmed the labels. */
      confirmed: z.literal(true).optional(),
    }),
  ),
  next,
});
export type ImageLabels = z.infer<typeof ImageLabels>;

/** A version with new labels. If labels and confirmations were the same before, it is the base. */
export const LabelledVersion = z.strictObject({
  dataset: Name,
  digest: Digest,
  /** Number of images whose labels, or their confirmation, differ from the base. */
  changed: z.int().min(0),
  labelled: z.int().min(0),
  unlabelled: z.int().min(0),
  classes: DatasetReport.shape.classes,
});
export type LabelledVersion = z.infer<typeof LabelledVersion>;

export const DatasetList = z.strictObject({ datasets: z.array(DatasetRecord), next });
/** GET /v1/datasets/{id}/versions: newest first. */
export const DatasetVersionList = z.strictObject({ versions: z.array(DatasetVersion), next });

/** DELETE /v1/datasets/{id} */
export const DeletedDataset = z.strictObject({
  dataset: Name,
  /** Digests of the deleted versions. */
  versions: z.array(Digest),
});
export type DeletedDataset = z.infer<typeof DeletedDataset>;

/** An image of a data set version. */
export const DatasetImage = z.strictObject({
  path: z.string(),
  labels: z.array(z.string()),
  /** The image has no label yet. */
  unlabelled: z.literal(true).optional(),
  /** A person has confirmed the labels; `labelled` says when. */
  confirmed: z.literal(true).optional(),
  /** The set that the manifest, or the draw of test images among those without a label, put it into. */
  split: SplitPart.optional(),
  /** Who set or confirmed the labels, and when. Absent for labels of the import. */
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
  /** Only images without a label yet, or only those that have been labelled. */
  unlabelled: queryFlag().optional(),
  /** Of these, only the images at these indexes in the order of the paths, from 0: `0,7,12`. */
  rows: queryIntegers(200).optional(),
  after: z.string().min(1).max(1024).optional(),
  limit: queryIntegerOr(z.int().min(1).max(200), 50),
});
