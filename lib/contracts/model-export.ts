import { z } from 'zod';
import { Name } from './names.ts';
import { PrecisionCheck, precisions } from './precision.ts';
import { DatasetRef } from './reference.ts';

/** The formats of `graft export`, in the order of the help. */
export const exportFormats = ['onnx', 'npm', 'web', 'html', 'tfjs', 'keras'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const ExportOptions = {
  format: z.enum(exportFormats),
  /** How the export stores the weights; int8 computes with integers, too. */
  precision: z.enum(precisions).default('float32'),
  /** The largest loss of accuracy or mean average precision on the test images: 0.01 is one point. */
  maxLoss: z.number().min(0).max(1).default(0.01),
};

/** POST /v1/models/{ref}/exports */
export const ExportBody = z.strictObject(ExportOptions);
export type ExportInput = z.input<typeof ExportBody>;

/** An export, and the version that its reference resolved to when the job was created. */
export const ExportSpec = z.strictObject({
  name: Name,
  version: z.int().min(1),
  ...ExportOptions,
  /** The data set whose test images both models predict; absent for float32. */
  dataset: DatasetRef.optional(),
});
export type ExportSpec = z.infer<typeof ExportSpec>;

export const ExportResult = z.strictObject({
  model: z.string(),
  version: z.int().min(1),
  format: z.enum(exportFormats),
  /** The name of the archive, the only file of the job. */
  archive: z.string(),
  /** The files in the archive. */
  files: z.array(z.strictObject({ name: z.string(), size: z.int().min(0) })),
  /** The comparison with float32; absent for float32. */
  precision: PrecisionCheck.optional(),
});
export type ExportResult = z.infer<typeof ExportResult>;
