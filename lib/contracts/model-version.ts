import { z } from 'zod';
import { JobId, Time } from './names.ts';

export const ModelVersion = z.strictObject({
  version: z.int().min(1),
  job: JobId,
  /** Prefix of the package's keys. */
  package: z.string(),
  createdAt: Time,
  backbone: z.string(),
  dataset: z.string(),
  /** On test images, else on validation images. Of a multi-label model the other two say more. */
  accuracy: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  microF1: z.number().optional(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** A version that a job is about to publish, before it has a number. */
export const Publication = ModelVersion.omit({ version: true, job: true });
export type Publication = z.infer<typeof Publication>;
