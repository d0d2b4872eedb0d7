import { z } from 'zod';
import type { JobAttempt } from '../../ports.ts';
import { partKeys } from '../../store/parts/part-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';

/** The division of an attempt's images into parts. Written once, so that all functions divide them in the same way. */
export const ExtractionPlan = z.strictObject({
  /** Key of the trunk. */
  trunk: z.string(),
  /** Key of the list of images without features, 32 bytes for each, sorted. */
  list: z.string(),
  images: z.int().min(0),
  /** The kind of processor that computes all parts. Absent in plans of earlier versions. */
  processor: z.string().optional(),
  /** Images of each part but the last: whole shards. */
  imagesOfPart: z.int().min(1),
  parts: z.int().min(0),
  /** The most parts in progress at once: the number of chains (lib/store/parts/part-chains.ts). */
  functions: z.int().min(1),
  /** Seconds that the calls of a part may take together. Absent if the job has no `maxCost`. */
  secondsOfPart: z.number().min(0).optional(),
});
export type ExtractionPlan = z.infer<typeof ExtractionPlan>;

/** Returns the keys of an attempt's extraction. */
export function extractionOf({ job, attempt }: JobAttempt) {
  const keys = partKeys(`${storeKeys.extractions.prefix}${job}/${attempt}/`);
  return { ...keys, list: (sha256: string) => `${keys.prefix}images/${sha256}` };
}

/** Plans are named by their keys, which `extractionOf` returns. */
export const extractionPlanDocument = { schema: ExtractionPlan, key: (key: string): string => key };
