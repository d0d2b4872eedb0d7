import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';

/**
 * A range of numbers. With `log`, values are drawn uniformly on a logarithmic scale. For whole-number members, values
 * are whole.
 */
const Range = withRules(
  z.strictObject({ min: z.number(), max: z.number(), scale: z.enum(['linear', 'log']).default('linear') }),
  { expected: 'min below max', holds: ({ min, max }) => min < max },
  { expected: 'min above 0 where the scale is log', holds: ({ min, scale }) => scale === 'linear' || min > 0 },
);
export const SearchValues = z.union([z.array(z.unknown()).min(1).max(64), Range]);
export type SearchValues = z.infer<typeof SearchValues>;

/** Tries several specs besides the default. Trains the best one, or the default if no spec is significantly better. */
export const SearchSpec = z.strictObject({
  /** Values to try, by the path of the spec member: a list or a range. Default: the learning rate and the head. */
  over: z.record(z.string().min(1).max(200), SearchValues).default({}),
  /** Maximum number of specs to try besides the default. */
  trials: z.int().min(1).max(256).default(8),
  /** No trial starts after this many minutes of trials. */
  budgetMinutes: z.number().gt(0).max(100_000).default(60),
});
export type SearchSpec = z.infer<typeof SearchSpec>;

/** A spec that was tried, and its results so far. */
export const Trial = z.strictObject({
  /** Counts from 1. */
  trial: z.int().min(1),
  /** Number of trainings so far, each with more epochs, and the maximum. */
  rung: z.int().min(1),
  rungs: z.int().min(1),
  /** Share of the spec's epochs. */
  share: z.number(),
  /** The trial's values, by path. */
  values: z.record(z.string(), z.unknown()),
  /** What was frozen, as a strategy name. */
  strategy: z.string().optional(),
  /** With calibrated probabilities, on images that the trial was not trained on. Absent if it failed. */
  negativeLogLikelihood: z.number().optional(),
  /** Which images were used: the validation images, or with cross-validation all training and validation images. */
  scores: z.enum(['cross-validation', 'validation']).optional(),
  /** Number of images scored by both the trial and the default. */
  images: z.int().min(0).optional(),
  /** Mean reduction of the loss on those images, compared to the default. This decides. Absent for the default. */
  gain: z.number().optional(),
  /**
   * Standard error of the gain, from the differences of single images and sets of related ones. Absent for fewer than two
   * of these.
   */
  standardError: z.number().optional(),
  accuracy: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  seconds: z.number(),
  /** Why the trial failed. */
  error: z.string().optional(),
});
export type Trial = z.infer<typeof Trial>;

export const SearchResult = z.strictObject({
  trials: z.array(Trial),
  /** Total number of trials, if an API response includes only the first. */
  trialCount: z.int().min(0).optional(),
  /** The trial whose spec was fully trained. */
  best: z.int().min(1),
  /** The trial with the unchanged spec. Absent in records of earlier versions. */
  default: z.int().min(1).optional(),
  /** Why that trial was chosen. */
  reason: z.string().optional(),
});
export type SearchResult = z.infer<typeof SearchResult>;
