import { z } from 'zod';
import { Time } from '../../contracts/names.ts';
import type { JobAttempt } from '../../ports.ts';
import { storeKeys } from '../../store/store-keys.ts';

/** The division of an attempt's images into parts. Written once, so that all functions divide them in the same way. */
export const ExtractionPlan = z.strictObject({
  /** Key of the trunk. */
  trunk: z.string(),
  /** Key of the list of images without features, 32 bytes for each, sorted. */
  list: z.string(),
  images: z.int().min(0),
  /** Images of each part but the last: whole shards. */
  imagesOfPart: z.int().min(1),
  parts: z.int().min(0),
  /**
   * The most parts in progress at once. Part 0 and each below this number begin a chain: a complete part is followed by
   * the one whose number is higher by this.
   */
  functions: z.int().min(1),
  /** Seconds that the calls of a part may take together. Absent if the job has no `maxCost`. */
  secondsOfPart: z.number().min(0).optional(),
});
export type ExtractionPlan = z.infer<typeof ExtractionPlan>;

/** The calls of one part: only they write it, so no record is shared. */
export const ExtractionCalls = z.strictObject({
  /** When the call that is at work began. Absent if none is. */
  since: Time.optional(),
  /** Seconds of the calls that have ended. */
  seconds: z.number().min(0),
  /** Number of calls that died, failed or stored nothing. */
  failures: z.int().min(0),
});
export type ExtractionCalls = z.infer<typeof ExtractionCalls>;

/** Number of a part, or `plan` for the division into parts. */
export type PartName = number | 'plan';

/** Returns the keys and ids of an attempt's extraction. */
export function extractionOf({ job, attempt }: JobAttempt) {
  const prefix = `${storeKeys.extractions.prefix}${job}/${attempt}/`;
  return {
    prefix,
    plan: `${prefix}plan.json`,
    list: (sha256: string) => `${prefix}images/${sha256}`,
    callsPrefix: `${prefix}calls/`,
    calls: (part: PartName) => `${prefix}calls/${part}.json`,
    donePrefix: `${prefix}done/`,
    done: (level: number, number: number) => `${prefix}done/${level}-${number}`,
  };
}

const byKey = (key: string): string => key;
/** Documents are named by their keys, which `extractionOf` returns. */
export const planDocument = { schema: ExtractionPlan, key: byKey };
export const callsDocument = { schema: ExtractionCalls, key: byKey };
