import { z } from 'zod';
import { sum } from '../arithmetic.ts';
import { ImportSpread } from './import-spread.ts';
import { Digest, Name, Time, UploadId } from './names.ts';
import { S3Address } from './object-address.ts';

/** SHA-256 of a file's content, in hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** A path inside a data set: parts separated by "/", in Unicode NFC. */
export const ImagePath = z
  .string()
  .min(1)
  .max(1024)
  // No part may be empty, "." or "..".
  .regex(
    /^(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+)(?:\/(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))*$/,
    'expected a relative path without empty parts, "." and ".."',
  );

/** A file that a client wants to upload. */
export const UploadFile = z.strictObject({ path: ImagePath, size: z.int().min(0), sha256: Sha256 });
export type UploadFile = z.infer<typeof UploadFile>;

/** The parts of a split. */
export const SplitPart = z.enum(['train', 'validation', 'test']);
export type SplitPart = z.infer<typeof SplitPart>;

/** A 256-bit perceptual hash, in hexadecimal (lib/images/perceptual-hash.ts). */
export const PerceptualHash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** An accepted image: one line of a manifest. */
export const ManifestRow = z.strictObject({
  path: ImagePath,
  sha256: Sha256,
  labels: z.array(z.string()),
  /** The image has not been labelled: trainings and evaluations leave it out. Without this, empty `labels` mean none applies. */
  unlabelled: z.literal(true).optional(),
  /** A person said that the labels are right, although the image looks like others: nothing suspects them any more. */
  confirmed: z.literal(true).optional(),
  /** Pixels, after applying the EXIF orientation. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Absent if the image is too plain to compare. */
  hash: PerceptualHash.optional(),
  /** The split part that the user assigned. */
  split: SplitPart.optional(),
  /** Images of one group (a patient, a burst, a scene) stay in the same part. */
  group: z.string().min(1).optional(),
  /** Weight of the image in training. Default: 1. */
  weight: z.number().positive().optional(),
});
export type ManifestRow = z.infer<typeof ManifestRow>;

export const RefusedFile = z.strictObject({ path: z.string(), code: z.string(), message: z.string() });
export type RefusedFile = z.infer<typeof RefusedFile>;

export const Warning = z.strictObject({ code: z.string(), message: z.string() });
export type Warning = z.infer<typeof Warning>;

const Spread = z.strictObject({ smallest: z.int(), median: z.int(), largest: z.int() });

/** An image whose nearest neighbours have a different label. */
export const Suspect = z.strictObject({
  path: z.string(),
  label: z.string(),
  suggested: z.string(),
  /** Share of the neighbours that have the suggested label, 0..1. */
  agreement: z.number().min(0).max(1),
  /** The nearest neighbours with the suggested label. `similarity` is the cosine similarity of the features. */
  neighbours: z.array(z.strictObject({ path: z.string(), label: z.string(), similarity: z.number() })),
});
export type Suspect = z.infer<typeof Suspect>;

/** Suspect labels, found by comparing the features of a training job. */
export const SuspectReport = z.strictObject({
  /** Number of compared images, and of suspects among them. The list holds only the most suspect ones. */
  checked: z.int().min(0),
  found: z.int().min(0),
  suspects: z.array(Suspect),
});
export type SuspectReport = z.infer<typeof SuspectReport>;

/** Who set a label: a person, a person who accepted a suggestion, or the import, from a folder, manifest or export. */
export const LabelSource = z.enum(['person', 'suggestion', 'import']);
export type LabelSource = z.infer<typeof LabelSource>;

/** How and when an image got its labels, or had them confirmed. Absent for the labels of an import. */
export const LabelOrigin = z.strictObject({ source: LabelSource.exclude(['import']), at: Time });
export type LabelOrigin = z.infer<typeof LabelOrigin>;

/** The results of an import. */
export const DatasetReport = z.strictObject({
  dataset: Name,
  digest: Digest,
  task: z.enum(['single-label', 'multi-label']),
  classes: z.array(z.strictObject({ label: z.string(), images: z.int().min(0) })),
  accepted: z.int().min(0),
  /** Number of accepted images without a label. Absent if there are none. */
  unlabelled: z.int().min(1).optional(),
  refused: z.array(RefusedFile),
  /** Groups of identical files, and of (nearly) identical images in different files. */
  duplicates: z.array(
    z.strictObject({
      paths: z.array(z.string()),
      kind: z.enum(['same-class', 'across-classes', 'near-same-class', 'near-across-classes']),
    }),
  ),
  /** Pixels. */
  sizes: z.strictObject({ width: Spread, height: Spread }),
  /** Number of labelled images that the manifest assigned to each part. Absent if it assigned none. */
  split: z.record(SplitPart, z.int().min(0)).optional(),
  warnings: z.array(Warning),
  /** Present after the first training job on this data set. */
  suspects: SuspectReport.optional(),
  /**
   * Total number of entries in each list, because API responses include only the first ones. Absent in a complete
   * report.
   */
  counts: z
    .strictObject({
      classes: z.int().min(0),
      refused: z.int().min(0),
      /** Number of duplicate groups, and of images in all groups. */
      duplicates: z.int().min(0),
      duplicatePaths: z.int().min(0),
    })
    .optional(),
});
export type DatasetReport = z.infer<typeof DatasetReport>;

/** Checks whether an API response cut some lists of the report. */
export function isCut({ counts, classes, refused, duplicates }: DatasetReport): boolean {
  if (counts === undefined) return false;
  return (
    classes.length < counts.classes ||
    refused.length < counts.refused ||
    duplicates.length < counts.duplicates ||
    duplicatePaths(duplicates) < counts.duplicatePaths
  );
}

/** Counts the images in all duplicate groups. */
export function duplicatePaths(duplicates: DatasetReport['duplicates']): number {
  return sum(duplicates.map(({ paths }) => paths.length));
}

export const DatasetVersion = z.strictObject({
  digest: Digest,
  createdAt: Time,
  images: z.int().min(1),
  /**
   * The latest version when this one was first added, or the last one that descends from that. Its images keep their
   * split parts.
   */
  parent: Digest.optional(),
  /**
   * For images that were not copied: the imported address, if there was one, and the upload that stores the location of
   * each image. Stored names; elsewhere: external, object locations.
   */
  inPlace: z.strictObject({ source: S3Address.optional(), places: UploadId }).optional(),
});
export type DatasetVersion = z.infer<typeof DatasetVersion>;

/** A data set's name and its versions, oldest first. */
export const DatasetRecord = z.strictObject({
  name: Name,
  versions: z.array(DatasetVersion),
  /** Total number of versions, if an API response includes only the newest. */
  versionCount: z.int().min(0).optional(),
});
export type DatasetRecord = z.infer<typeof DatasetRecord>;

/** An import that is about to add a version. It may do so only while the data set's record announces it. */
export const AnnouncedImport = z.strictObject({
  upload: UploadId,
  /** Identifies this attempt. Each attempt of an import has its own token. */
  token: z.string(),
  digest: Digest,
});
export type AnnouncedImport = z.infer<typeof AnnouncedImport>;

/** A deleted version from which others descend. */
export const DeletedAncestor = DatasetVersion.pick({ digest: true, parent: true });
export type DeletedAncestor = z.infer<typeof DeletedAncestor>;

/** A data set as stored. */
export const StoredDataset = DatasetRecord.extend({
  imports: z.array(AnnouncedImport).optional(),
  ancestors: z.array(DeletedAncestor).optional(),
});
export type StoredDataset = z.infer<typeof StoredDataset>;

export const UploadState = z.enum(['UPLOADING', 'IMPORTING', 'READY', 'FAILED']);

/** An upload that will become a data set version. */
export const UploadRecord = z.strictObject({
  id: UploadId,
  name: Name,
  /** The address of external images. They are not uploaded. */
  source: S3Address.optional(),
  state: UploadState,
  /** The import fails if a larger share of the files is refused. */
  maxRefused: z.number().min(0).max(1),
  createdAt: Time,
  updatedAt: Time,
  /** Number of parts of the file list, and of files in all parts. */
  parts: z.int().min(0),
  files: z.int().min(0),
  progress: z.strictObject({ done: z.int().min(0), total: z.int().min(0) }).optional(),
  /** The queue's message that was delivered last. Only while the upload is IMPORTING. */
  messageId: z.string().optional(),
  /** Present if functions share the import. */
  spread: ImportSpread.optional(),
  report: DatasetReport.optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).loose().optional(),
});
export type UploadRecord = z.infer<typeof UploadRecord>;
