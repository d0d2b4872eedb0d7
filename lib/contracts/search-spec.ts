import { z } from 'zod';
import { withRule } from './with-rule.ts';

/** Any number between two; `log`: each power of ten is as likely as the next. Members that are whole numbers get whole ones. */
const Range = withRule(
  withRule(
    z.strictObject({ min: z.number(), max: z.number(), scale: z.enum(['linear', 'log']).default('linear') }),
    'min below max',
    ({ min, max }) => min < max,
  ),
  'min above 0 where the scale is log',
  ({ min, scale }) => scale === 'linear' || min > 0,
);
export const SearchValues = z.union([z.array(z.unknown()).min(1).max(64), Range]);
export type SearchValues = z.infer<typeof SearchValues>;

/** Tries several specs beside the default, and trains the best one, or the default where none is better by more than chance. */
export const SearchSpec = z.strictObject({
  /**
   * What each member of the spec is tried with, by its path: a list of values, or a range. Left out: the learning rate
   * and the head.
   */
  over: z.record(z.string().min(1).max(200), SearchValues).default({}),
  /** At most so many specs are tried, beside the default. */
  trials: z.int().min(1).max(256).default(8),
  /** No further trial begins after so many minutes of trials. */
  budgetMinutes: z.number().gt(0).max(100_000).default(60),
});
export type SearchSpec = z.infer<typeof SearchSpec>;

/** One spec that was tried, as far as it came. */
export const Trial = z.strictObject({
  /** From 1. */
  trial: z.int().min(1),
  /** How often it was trained so far, each time for more epochs, of how often at most. */
  rung: z.int().min(1),
  rungs: z.int().min(1),
  /** Of the epochs that its spec has. */
  share: z.number(),
  /** What its spec has at each path. */
  values: z.record(z.string(), z.unknown()),
  /** What was frozen, by strategy. */
  strategy: z.string().optional(),
  /** Of calibrated probabilities, on images that the trial was not trained on. Absent where it failed. */
  negativeLogLikelihood: z.number().optional(),
  /** Those images: the validation images, or by cross-validation all that may be learnt from. */
  scores: z.enum(['cross-validation', 'validation']).optional(),
  /** How many images the trial and the default have in common there. */
  images: z.int().min(0).optional(),
  /** How much lower than the default's the loss is on those images, as a mean: what decides. Absent of the default. */
  gain: z.number().optional(),
  /** Of the gain, from the spread of the images' own differences. Absent of fewer than two images. */
  standardError: z.number().optional(),
  accuracy: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  seconds: z.number(),
  /** Why it failed. */
  error: z.string().optional(),
});
export type Trial = z.infer<typeof Trial>;

export const SearchResult = z.strictObject({
  trials: z.array(Trial),
  /** How many trials there were, where an answer of the API has only the first. */
  trialCount: z.int().min(0).optional(),
  /** The trial whose spec was trained to its end. */
  best: z.int().min(1),
  /** The trial with the spec as it is without the search. Absent in records of earlier versions. */
  default: z.int().min(1).optional(),
  /** Why that trial was trained. */
  reason: z.string().optional(),
});
export type SearchResult = z.infer<typeof SearchResult>;
