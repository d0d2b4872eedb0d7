import { z } from 'zod';
import { Suspect } from './dataset.ts';
import { FeatureWaits } from './job.ts';
import { ModelTask } from './model-task.ts';
import { JobId, Name, Time } from './names.ts';
import { NoveltyRecord } from './novelty.ts';
import {
  CalibrationState,
  Curve,
  Estimate,
  LabelThresholds,
  Point,
  ReportedBackbone,
  ReportedData,
  ReportedImage,
  ReportPart,
  Score,
  VersionComparison,
} from './report-parts.ts';

/** The report of a model version: report.json of its package. A list that was cut has the total beside it. */
export const ModelReport = z.strictObject({
  model: Name,
  version: z.int().min(1),
  job: JobId,
  createdAt: Time,
  task: ModelTask,
  /** The job in one sentence. */
  summary: z.string(),
  backbone: z.string(),
  dataset: z.string(),
  datasetDigest: z.string(),
  /**
   * The images that the report evaluates: the test images, or without a test set images that their network was not
   * trained on, which calibrated it.
   */
  evaluated: z.strictObject({
    part: z.enum(['test', 'held-out']),
    /** Number of images with scores, of all images of the part. If fewer, they are a random sample. */
    images: z.int().min(0),
    of: z.int().min(0),
    /**
     * Number of groups of the images with scores: related images are one group, and each other image is one. Absent if no
     * two are related, and in reports of earlier versions.
     */
    groups: z.int().min(1).optional(),
  }),
  metrics: z.strictObject({
    /** Single-label: the share of right predictions. Multi-label: the share of images with all labels right. */
    accuracy: Estimate,
    balancedAccuracy: Estimate.optional(),
    /** Absent, as all metrics of the labels, if no image has a label and none is predicted. */
    macroF1: Estimate.optional(),
    microF1: Estimate.optional(),
    meanAveragePrecision: z.number().optional(),
    negativeLogLikelihood: z.number(),
    expectedCalibrationError: z.number(),
  }),
  /** Number of replicates of the bootstrap. */
  replicates: z.int(),
  strategy: z.strictObject({
    name: z.string(),
    cut: z.string(),
    reason: z.string(),
    /**
     * Linear probes at the end of each stage of the backbone: their accuracy with its interval, or their mean average
     * precision, which has none.
     */
    candidates: z.array(z.strictObject({ name: z.string(), score: Score })).optional(),
    /** Backbones that were compared: the loss of each above the lowest one, and what it costs. */
    backbones: z.array(ReportedBackbone).optional(),
    /** How much fine-tuning lowered the loss on validation images. */
    tuningGain: Estimate.optional(),
  }),
  /** Trials of a hyperparameter search, with their gain over the default. */
  trials: z
    .array(
      z.strictObject({
        trial: z.int(),
        values: z.string(),
        gain: Estimate.optional(),
        accuracy: z.number().optional(),
        isBest: z.boolean(),
      }),
    )
    .optional(),
  history: z
    .array(
      z.strictObject({
        epoch: z.int(),
        loss: z.number(),
        accuracy: z.number(),
        validationLoss: z.number(),
        validationAccuracy: z.number(),
      }),
    )
    .optional(),
  /** As in the card: the epoch that was kept, which need not have the lowest validation loss. */
  bestEpoch: z.int(),
  /**
   * The share of the fine-tuned weights in those of the model, above 0 and at most 1; the rest is of the weights before.
   * Absent if they were not interpolated, and in reports of earlier versions.
   */
  interpolation: z.number().optional(),
  /** Classes in order of their F1, worst first; those without images last. */
  classes: z.array(
    z.strictObject({
      label: z.string(),
      support: z.int(),
      precision: Estimate.optional(),
      recall: Estimate.optional(),
      f1: Estimate.optional(),
      auc: z.number().optional(),
    }),
  ),
  classCount: z.int(),
  confusion: z
    .strictObject({
      /** The classes of the matrix, which are the most confused ones if there are too many classes. */
      labels: z.array(z.string()),
      /** [class][prediction]: numbers of images. */
      counts: z.array(z.array(z.int())),
      /**
       * The number of images of each of the classes, also those predicted as a class that the matrix leaves out. Absent
       * in reports of earlier versions.
       */
      images: z.array(z.int()).optional(),
      /** The most frequent confusions. */
      pairs: z.array(z.strictObject({ label: z.string(), predicted: z.string(), count: z.int() })),
      pairCount: z.int(),
    })
    .optional(),
  roc: z.array(Curve).optional(),
  precisionRecall: z.array(Curve).optional(),
  calibration: z.strictObject({ method: z.string(), before: CalibrationState, after: CalibrationState }).optional(),
  /** How the model recognizes unknown images, or why it does not; absent if the job wanted no novelty score. */
  novelty: NoveltyRecord.optional(),
  /** Points (coverage, accuracy), and the effect of some thresholds. */
  coverage: z
    .strictObject({
      points: z.array(Point),
      thresholds: z.array(z.strictObject({ threshold: z.number(), coverage: z.number(), accuracy: z.number().optional() })),
    })
    .optional(),
  /** Precision and recall of each label over its threshold; fewest first. */
  thresholds: z.array(LabelThresholds).optional(),
  /** The images with the most confident wrong predictions, and the number of all wrong images. */
  errors: z.array(ReportedImage).optional(),
  errorCount: z.int(),
  /** The images whose prediction is least certain. */
  leastSure: z.array(ReportedImage).optional(),
  suspects: z
    .strictObject({ checked: z.int(), found: z.int(), suspects: z.array(Suspect.omit({ neighbours: true })) })
    .optional(),
  data: ReportedData.optional(),
  /** Accuracy, or mean average precision, of a linear head on some of the training images. */
  sizes: z
    .strictObject({
      metric: z.enum(['accuracy', 'mean average precision']),
      /** Number of images that each head was evaluated on. */
      evaluated: z.int(),
      points: z.array(z.strictObject({ images: z.int(), score: z.number(), low: z.number(), high: z.number(), heads: z.int() })),
      conclusion: z.string(),
    })
    .optional(),
  /** On-Demand price of the machine that trained, in US dollars. Absent on a machine of the user's own. */
  dollarsPerHour: z.number().min(0).optional(),
  seconds: z.strictObject({
    features: z.number(),
    train: z.number(),
    evaluate: z.number(),
    other: z.number(),
    total: z.number(),
    waits: FeatureWaits.optional(),
  }),
  /** A comparison with the version of an alias on the images that both were evaluated on. */
  comparison: VersionComparison.optional(),
  /** Why a part is absent, in one sentence. */
  omitted: z.partialRecord(ReportPart, z.string()),
  /** Why the page has no heat maps of its errors and least certain images, in one sentence. */
  evidenceOmitted: z.string().optional(),
});
export type ModelReport = z.infer<typeof ModelReport>;
