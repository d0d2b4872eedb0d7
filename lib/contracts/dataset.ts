import { z } from 'zod';
import { sum } from '../arithmetic.ts';
import { Digest, Name, Time, UploadId } from './names.ts';
import { S3Address } from './object-address.ts';

/** SHA-256 of a file's bytes, as hexadecimal digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** A path inside a data set, with "/" between its parts, in Unicode's composed form. */
export const ImagePath = z
  .string()
  .min(1)
  .max(1024)
  // Parts that are neither empty nor "." or "..".
  .regex(
    /^(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+)(?:\/(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))*$/,
    'expected a relative path without empty parts, "." and ".."',
  );

/** A file that a client wants to send. */
export const UploadFile = z.strictObject({ path: ImagePath, size: z.int().min(0), sha256: Sha256 });
export type UploadFile = z.infer<typeof UploadFile>;

/** The parts of a split. */
export const SplitPart = z.enum(['train', 'validation', 'test']);
export type SplitPart = z.infer<typeof SplitPart>;

/** 256 bits of what an image looks like, as hexadecimal digits (lib/images/perceptual-hash.ts). */
export const PerceptualHash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** One accepted image: a line of a manifest. */
export const ManifestRow = z.strictObject({
  path: ImagePath,
  sha256: Sha256,
  labels: z.array(z.string()),
  /** Pixels, after EXIF orientation. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Absent where the image is too plain to be told from others. */
  hash: PerceptualHash.optional(),
  /** The part that the user has put the image into. */
  split: SplitPart.optional(),
  /** Images of one group stay in one part: a patient, a burst, a scene. */
  group: z.string().min(1).optional(),
  /** How much the image counts in training; absent: 1. */
  weight: z.number().positive().optional(),
});
export type ManifestRow = z.infer<typeof ManifestRow>;

export const RefusedFile = z.strictObject({ path: z.string(), code: z.string(), message: z.string() });
export type RefusedFile = z.infer<typeof RefusedFile>;

export const Warning = z.strictObject({ code: z.string(), message: z.string() });
export type Warning = z.infer<typeof Warning>;

const Spread = z.strictObject({ smallest: z.int(), median: z.int(), largest: z.int() });

/** An image whose nearest neighbours have another label than it. */
export const Suspect = z.strictObject({
  path: z.string(),
  label: z.string(),
  suggested: z.string(),
  /** Share of its neighbours that have the suggested label, 0..1. */
  agreement: z.number().min(0).max(1),
  /** The nearest of those; similarity is the cosine of their features. */
  neighbours: z.array(z.strictObject({ path: z.string(), label: z.string(), similarity: z.number() })),
});
export type Suspect = z.infer<typeof Suspect>;

/** What a training's features say of the labels. */
export const SuspectReport = z.strictObject({
  /** Images that were compared, and how many of them are suspect; the most suspect are named. */
  checked: z.int().min(0),
  found: z.int().min(0),
  suspects: z.array(Suspect),
});
export type SuspectReport = z.infer<typeof SuspectReport>;

/** What an import found. */
export const DatasetReport = z.strictObject({
  dataset: Name,
  digest: Digest,
  task: z.enum(['single-label', 'multi-label']),
  classes: z.array(z.strictObject({ label: z.string(), images: z.int().min(0) })),
  accepted: z.int().min(0),
  refused: z.array(RefusedFile),
  /** The same bytes, or (near) the same picture in other bytes. */
  duplicates: z.array(
    z.strictObject({
      paths: z.array(z.string()),
      kind: z.enum(['same-class', 'across-classes', 'near-same-class', 'near-across-classes']),
    }),
  ),
  /** Pixels. */
  sizes: z.strictObject({ width: Spread, height: Spread }),
  /** Images that the manifest itself has put into each part; absent where it says nothing. */
  split: z.record(SplitPart, z.int().min(0)).optional(),
  warnings: z.array(Warning),
  /** Present once a training has looked. */
  suspects: SuspectReport.optional(),
  /** How many entries the lists have in whole: an answer of the API has the first ones. Absent in a report that is whole. */
  counts: z
    .strictObject({
      classes: z.int().min(0),
      refused: z.int().min(0),
      /** Sets of duplicates, and the images in all of them. */
      duplicates: z.int().min(0),
      duplicatePaths: z.int().min(0),
    })
    .optional(),
});
export type DatasetReport = z.infer<typeof DatasetReport>;

/** Whether a report, as the API answered with it, lacks some of what the import found. */
export function isCut({ counts, classes, refused, duplicates }: DatasetReport): boolean {
  if (counts === undefined) return false;
  return (
    classes.length < counts.classes ||
    refused.length < counts.refused ||
    duplicates.length < counts.duplicates ||
    duplicatePaths(duplicates) < counts.duplicatePaths
  );
}

/** The images in all sets of duplicates. */
export function duplicatePaths(duplicates: DatasetReport['duplicates']): number {
  return sum(duplicates.map(({ paths }) => paths.length));
}

export const DatasetVersion = z.strictObject({
  digest: Digest,
  createdAt: Time,
  images: z.int().min(1),
  /** The latest version when this one was first entered: its images keep the parts of the split that they had. */
  parent: Digest.optional(),
  /**
   * Where images lie that were not copied: the address that was imported, if it was one, and the upload whose places
   * say it of each.
   */
  inPlace: z.strictObject({ source: S3Address.optional(), places: UploadId }).optional(),
});
export type DatasetVersion = z.infer<typeof DatasetVersion>;

/** A data set's name and its versions, newest last. */
export const DatasetRecord = z.strictObject({
  name: Name,
  versions: z.array(DatasetVersion),
  /** How many there are, where an answer of the API has only the newest. */
  versionCount: z.int().min(0).optional(),
});
export type DatasetRecord = z.infer<typeof DatasetRecord>;

/** An import that is about to enter a version: it may do so for as long as it is announced in the data set's record. */
export const AnnouncedImport = z.strictObject({
  upload: UploadId,
  /** Of this try: another try of the same import has another. */
  token: z.string(),
  digest: Digest,
});
export type AnnouncedImport = z.infer<typeof AnnouncedImport>;

/** A data set as it is stored. */
export const StoredDataset = DatasetRecord.extend({ imports: z.array(AnnouncedImport).optional() });
export type StoredDataset = z.infer<typeof StoredDataset>;

export const UploadState = z.enum(['UPLOADING', 'IMPORTING', 'READY', 'FAILED']);

/** An upload on its way to becoming a data set's version. */
export const UploadRecord = z.strictObject({
  id: UploadId,
  name: Name,
  /** The address of images that stay where they are; none is sent then. */
  source: S3Address.optional(),
  state: UploadState,
  /** Share of refused files above which the import fails. */
  maxRefused: z.number().min(0).max(1),
  createdAt: Time,
  updatedAt: Time,
  /** How many parts of the listing there are, and the files in all of them. */
  parts: z.int().min(0),
  files: z.int().min(0),
  progress: z.strictObject({ done: z.int().min(0), total: z.int().min(0) }).optional(),
  report: DatasetReport.optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).loose().optional(),
});
export type UploadRecord = z.infer<typeof UploadRecord>;
