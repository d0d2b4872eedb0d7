import { z } from 'zod';
import { JobId, Time } from './names.ts';

export const ModelVersion = z.strictObject({
  version: z.int().min(1),
  job: JobId,
  /** Prefix of the package's keys in the store. */
  package: z.string(),
  /** SHA-256 of card.json, in hexadecimal. The card has those of the other files. Absent for versions of earlier releases. */
  cardDigest: z.string().optional(),
  createdAt: Time,
  backbone: z.string(),
  dataset: z.string(),
  /** On test images; absent without any. Multi-label models have the next two metrics instead. */
  accuracy: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  microF1: z.number().optional(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** A version before publication, without a number. */
export const Publication = ModelVersion.omit({ version: true, job: true });
export type Publication = z.infer<typeof Publication>;

/** A version that retention has removed. */
export const RemovedVersion = z.strictObject({ version: z.int().min(1), at: Time });
export type RemovedVersion = z.infer<typeof RemovedVersion>;
