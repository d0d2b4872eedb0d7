import { z } from 'zod';

/** The Lambda functions that check the images of an upload, and what the rule that chose them expects. */
export const ImportSpread = z.strictObject({
  /** The most at once. */
  functions: z.int().min(2),
  seconds: z.number().min(0),
  dollars: z.number().min(0),
  reason: z.string(),
});
export type ImportSpread = z.infer<typeof ImportSpread>;
