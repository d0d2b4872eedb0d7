/** The comparison of two model versions on the images that both were evaluated on. */
import { z } from 'zod';
import { ModelTask } from './model-task.ts';
import { Name, Time } from './names.ts';

/** The metrics of a whole model, by the names that cards and reports use. */
export const OverallMetric = z.enum([
  'accuracy',
  'balancedAccuracy',
  'macroF1',
  'microF1',
  'meanAveragePrecision',
  'negativeLogLikelihood',
  'expectedCalibrationError',
]);
export type OverallMetric = z.infer<typeof OverallMetric>;

/** The metrics of a class, by the names that cards and reports use. */
export const ClassMetric = z.enum(['precision', 'recall', 'f1']);
export type ClassMetric = z.infer<typeof ClassMetric>;

/** A number, with a 95% interval if the metric has one. */
const Measured = z.strictObject({ value: z.number(), low: z.number().optional(), high: z.number().optional() });

/** A metric of both versions on the same images; the difference is after minus before. */
export const ComparedMetric = z.strictObject({ before: Measured, after: Measured, difference: Measured });
export type ComparedMetric = z.infer<typeof ComparedMetric>;

/** One of the two versions. */
const ComparedVersion = z.strictObject({
  model: Name,
  version: z.int().min(1),
  createdAt: Time,
  /** The version of the data set: `NAME@DIGEST`. */
  dataset: z.string(),
  /** Whether it was evaluated on test images, or without a test set on images that its networks were not trained on. */
  part: z.enum(['test', 'held-out']),
  /** Number of images that it was evaluated on and that have stored scores. */
  images: z.int().min(0),
});

const PredictedLabel = z.strictObject({ label: z.string(), probability: z.number() });

/** An image to which the two versions assign different labels. */
export const ChangedPrediction = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  /** Its index among the labelled images in the data set of the version after, in the order of the paths, from 0. */
  row: z.int().min(0),
  /** Its labels in the data set of the version after. */
  labels: z.array(z.string()),
  before: z.strictObject({ labels: z.array(PredictedLabel), isRight: z.boolean() }),
  after: z.strictObject({ labels: z.array(PredictedLabel), isRight: z.boolean() }),
});
export type ChangedPrediction = z.infer<typeof ChangedPrediction>;

export const ComparedClass = z.strictObject({
  label: z.string(),
  /** Number of images of the class. */
  support: z.int().min(0),
  precision: ComparedMetric.optional(),
  recall: ComparedMetric.optional(),
  f1: ComparedMetric.optional(),
});
export type ComparedClass = z.infer<typeof ComparedClass>;

/** GET /v1/model-diff. A list that was cut has the total beside it. */
export const ModelDiff = z.strictObject({
  before: ComparedVersion,
  after: ComparedVersion,
  task: ModelTask,
  /** Number of images that both versions were evaluated on, by SHA-256. All metrics are those on these images. */
  images: z.int().min(1),
  /**
   * Number of groups of these images: images that are related in the data set of either version are one group, and each
   * other image is one. Absent if no two are related.
   */
  groups: z.int().min(1).optional(),
  /** Number of these images whose labels differ between the two data sets. The labels of the later version count. */
  relabelled: z.int().min(0),
  metrics: z.partialRecord(OverallMetric, ComparedMetric),
  /**
   * McNemar's test on the images whose labels only one version predicts correctly. With related images, the same test on
   * groups: as if each group could as well have gained what it lost.
   */
  mcnemar: z.strictObject({
    bothRight: z.int(),
    onlyBefore: z.int(),
    onlyAfter: z.int(),
    bothWrong: z.int(),
    /** Exact two-sided p-value. */
    exact: z.number(),
    /** The mid-p value, which is less conservative. */
    midP: z.number(),
  }),
  /** The largest loss of F1 first; classes without images last. */
  classes: z.array(ComparedClass),
  classCount: z.int().min(0),
  /** Images that became wrong first, then those that became right, then those that are wrong in another way. */
  changes: z.array(ChangedPrediction),
  changeCount: z.int().min(0),
  /** Labels that only one version has, at most 1,000 of each. */
  labels: z.strictObject({ onlyBefore: z.array(z.string()), onlyAfter: z.array(z.string()) }),
  /** Members of the two cards that differ: data set, backbone, strategy, spec. Absent in a card that lacks the member. */
  settings: z.array(z.strictObject({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
  settingCount: z.int().min(0),
});
export type ModelDiff = z.infer<typeof ModelDiff>;

/** The two references: `NAME`, `NAME@VERSION` or `NAME:ALIAS`. */
export const ModelDiffQuery = z.strictObject({ before: z.string().min(1).max(200), after: z.string().min(1).max(200) });
