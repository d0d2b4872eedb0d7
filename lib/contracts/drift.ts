/** The comparison of a version's kept predictions with those on its evaluated images. */
import { z } from 'zod';
import { MOST_DAYS } from './keeping.ts';
import { Name, Time } from './names.ts';
import { queryIntegerOr } from './query-number.ts';

/** Kept predictions that a comparison needs. With fewer, a test finds only the largest changes. */
export const FEWEST_KEPT = 50;

/** A test of whether one property of the predictions has changed. */
export const DriftTest = z.strictObject({
  /** `classes`: the predicted labels. `confidence`: the highest probability. `unknownScore`: the novelty score. */
  of: z.enum(['classes', 'confidence', 'unknownScore']),
  method: z.enum(['chi-squared', 'kolmogorov-smirnov']),
  /** Chi-squared, or the largest difference of the two distribution functions. */
  statistic: z.number(),
  /** Degrees of freedom of chi-squared. */
  degrees: z.int().min(0).optional(),
  /**
   * From 0 to 1: the share of the predictions that would have to change their label (total variation distance), or the
   * largest difference of the two distribution functions.
   */
  effect: z.number(),
  pValue: z.number(),
  /** Corrected for the number of tests (Holm). */
  adjustedPValue: z.number(),
  /** Whether it has changed: both beyond chance and by enough to matter. */
  changed: z.boolean(),
  /**
   * The smallest effect that counts as a change, whatever the other tests find: it falls with the number of kept
   * predictions and of evaluated images. Absent for `classes`.
   */
  smallestChange: z.number().optional(),
  /** The mean confidence or novelty score of the evaluated images, and of the kept predictions. */
  means: z.strictObject({ evaluated: z.number(), kept: z.number() }).optional(),
});
export type DriftTest = z.infer<typeof DriftTest>;

/** Shares before and after. */
const Shares = z.strictObject({ evaluated: z.number(), kept: z.number() });

/** GET /v1/models/{ref}/drift */
export const Drift = z.strictObject({
  model: Name,
  version: z.int().min(1),
  /** Whether a test has changed. */
  drifted: z.boolean(),
  kept: z.strictObject({ predictions: z.int().min(1), days: z.int().min(1), from: Time, to: Time }),
  evaluated: z.strictObject({
    /** Test images, or without a test set images that the networks were not trained on. */
    part: z.enum(['test', 'held-out']),
    images: z.int().min(1),
  }),
  /** A test has changed if its adjusted p-value is below `pValue` and its effect is at least `effect`. */
  limits: z.strictObject({ pValue: z.number(), effect: z.number() }),
  tests: z.array(DriftTest),
  /** Tests that could not be made, with the reason. */
  omitted: z.array(z.strictObject({ of: DriftTest.shape.of, reason: z.string() })),
  /** How often each label is the most probable one: the largest changes first, at most 100. */
  classes: z.array(Shares.extend({ label: z.string() })),
  /** Share of the images that are unlike those of the data set. Absent without a novelty score. */
  unknown: Shares.optional(),
  /** The kept predictions by day, in UTC. */
  days: z.array(
    z.strictObject({
      day: z.string(),
      predictions: z.int().min(1),
      /** Mean confidence. */
      confidence: z.number(),
      /** Share of unknown images. */
      unknown: z.number().optional(),
    }),
  ),
});
export type Drift = z.infer<typeof Drift>;

export const DriftQuery = z.strictObject({
  /** The days up to now whose predictions count. */
  days: queryIntegerOr(z.int().min(1).max(MOST_DAYS), 7),
});
