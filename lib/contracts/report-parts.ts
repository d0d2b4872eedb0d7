/** The parts that the report of a model version consists of. */
import { z } from 'zod';
import { ComparedBackbone } from './backbone-comparison.ts';

/** A number with a 95% interval. */
export const Estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** A number, with a 95% interval if there is one for it. */
export const Score = Estimate.partial({ low: true, high: true });

/** A point of a curve: [x, y]. */
export const Point = z.tuple([z.number(), z.number()]);

/** A curve of one label, or of all labels together if there is no label. */
export const Curve = z.strictObject({
  label: z.string().optional(),
  /** Area under the ROC curve, or average precision. */
  area: z.number(),
  points: z.array(Point),
});
export type ReportCurve = z.infer<typeof Curve>;

export const CalibrationState = z.strictObject({
  negativeLogLikelihood: z.number(),
  expectedCalibrationError: z.number(),
  bins: z.array(z.strictObject({ confidence: z.number(), accuracy: z.number(), count: z.int() })),
});

/** A label that an image has or that the model predicts. */
const ReportedLabel = z.strictObject({ label: z.string(), probability: z.number() });

/** An image that the model predicts wrongly, or is unsure about. */
export const ReportedImage = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  /** Its labels in the data set. */
  labels: z.array(z.string()),
  /** What the model predicts. Single-label: the most probable classes. */
  predicted: z.array(ReportedLabel),
  /** Multi-label: labels of the image that the model does not predict. Absent without any. */
  missed: z.array(ReportedLabel).optional(),
});
export type ReportedImage = z.infer<typeof ReportedImage>;

/** The parts of a report that may have no data. */
export const ReportPart = z.enum([
  'candidates',
  'trials',
  'history',
  'confusion',
  'roc',
  'precisionRecall',
  'calibration',
  'coverage',
  'thresholds',
  'errors',
  'leastSure',
  'suspects',
  'data',
  'sizes',
  'comparison',
]);
export type ReportPart = z.infer<typeof ReportPart>;

/** Precision and recall of a label over its threshold. */
export const LabelThresholds = z.strictObject({
  label: z.string(),
  support: z.int(),
  /** The threshold of the model, with its precision and recall. */
  chosen: z.number(),
  precision: z.number().optional(),
  recall: z.number().optional(),
  /** The lowest threshold with a precision of at least 90% on enough predictions: see reaches-precision.ts. */
  precise: z.strictObject({ threshold: z.number(), precision: z.number(), recall: z.number() }).optional(),
  /** The highest threshold with a recall of at least 90%. */
  sensitive: z.strictObject({ threshold: z.number(), precision: z.number(), recall: z.number() }).optional(),
  /** Points (threshold, precision) and (threshold, recall). */
  precisionPoints: z.array(Point),
  recallPoints: z.array(Point),
});

/** A comparison of two versions on the same images. */
export const VersionComparison = z.strictObject({
  alias: z.string(),
  version: z.int(),
  images: z.int(),
  /** Number of groups of these images. Absent if no two are related, and in reports of earlier versions. */
  groups: z.int().min(1).optional(),
  bothRight: z.int(),
  onlyThis: z.int(),
  onlyOther: z.int(),
  bothWrong: z.int(),
  /** Accuracy of this version minus that of the other. */
  difference: Estimate,
  exact: z.number(),
  midP: z.number(),
});

/** A compared backbone. Its cost is absent in reports of earlier versions. */
export const ReportedBackbone = z.strictObject({
  name: z.string(),
  /** Loss above the lowest one. */
  difference: Estimate,
  isChosen: z.boolean(),
  ...ComparedBackbone.pick({ accuracy: true, meanAveragePrecision: true, milliseconds: true }).shape,
  ...ComparedBackbone.pick({ gigaMultiplyAdds: true, megabytes: true, licence: true }).partial().shape,
});

/** The data set of a version, and how it was split. */
export const ReportedData = z.strictObject({
  images: z.int(),
  /** Numbers of images of each split. */
  splits: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  /** Images of the most frequent classes in each split. */
  classes: z.array(z.strictObject({ label: z.string(), train: z.int(), validation: z.int(), test: z.int() })),
  /** Sets of related images that are in several splits. */
  leakingGroups: z.int(),
  /** Counts of the import; absent if its report does not exist. */
  duplicateGroups: z.int().optional(),
  duplicatesAcrossClasses: z.int().optional(),
  refused: z.int().optional(),
});
