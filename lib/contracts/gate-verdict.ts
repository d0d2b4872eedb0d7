import { z } from 'zod';

/** A rule that a version does not meet. */
const GateFailure = z.strictObject({ rule: z.string(), expected: z.string(), received: z.string() });
export type GateFailure = z.infer<typeof GateFailure>;

/** The result of a gate for one version, against the version that the alias pointed to. */
export const GateVerdict = z.strictObject({
  passed: z.boolean(),
  /** Number of images that the metrics were computed on. */
  images: z.int().min(0),
  /** The first rules that the version does not meet. */
  failures: z.array(GateFailure),
  failureCount: z.int().min(0),
});
export type GateVerdict = z.infer<typeof GateVerdict>;
