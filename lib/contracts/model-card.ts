import { z } from 'zod';
import { BackboneComparison } from './backbone-comparison.ts';
import { ChosenStrategy, CrossValidation } from './job.ts';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { Digest, JobId, Time } from './names.ts';
import { BackbonePrecision } from './precision.ts';
import { SearchResult } from './search-spec.ts';
import { servedMembers } from './served-card.ts';

/** A model's description, provenance and metrics: card.json of its package. */
export const ModelCard = z.strictObject({
  model: servedMembers.model,
  job: JobId,
  createdAt: Time,
  task: servedMembers.task,
  /** One label for `one-class`, otherwise two or more. */
  labels: servedMembers.labels,
  /** Total number of labels, if an API response includes only the first. */
  labelCount: z.int().min(1).optional(),
  /**
   * The spec used for training. After a search: the best trial's spec, including the learning rate if one was searched.
   */
  spec: JobSpec,
  datasetDigest: z.string(),
  /**
   * The digest of the version's ancestors by which the job split the data set. Absent in cards of earlier versions, and
   * if the job's record lacks it.
   */
  datasetLineage: Digest.optional(),
  backbone: z.strictObject({
    name: z.string(),
    inputSize: z.tuple([z.int(), z.int()]),
    /** SHA-256 of the weights' content. */
    weightsDigest: z.string(),
    licence: z.string(),
    /** What layers of the served graph compute in, whoever quantized them. Absent: in float. */
    precision: z.literal('int8').optional(),
  }),
  /**
   * The kind of processor that computed the features on which the model was trained, such as `linux x64 avx512`; cards of
   * earlier versions may name several. Absent in cards of still earlier versions.
   */
  features: z
    .strictObject({
      processors: z.array(z.string()),
      /** Features of another kind would differ by no more than this share of the largest one. */
      tolerance: z.number().min(0).optional(),
    })
    .optional(),
  /** Of the backbone, if the job asked for int8: both precisions as measured, and the one that it used. */
  backbonePrecision: BackbonePrecision.optional(),
  strategy: ChosenStrategy,
  /** model.onnx takes float32 [batch, height, width, 3], RGB 0..255, and returns probabilities [batch, labels]. */
  input: servedMembers.input,
  /** SHA-256 of model.onnx. */
  modelDigest: servedMembers.modelDigest,
  /**
   * SHA-256 of the package's other files, in hexadecimal, by name: of those that were written before the card. Absent in
   * cards of earlier versions.
   */
  files: z.record(z.string(), z.string()).optional(),
  /** The divisor of all logits. 1 if each label has its own scale, or without calibration. */
  temperature: z.number().gt(0),
  /** How the probabilities were calibrated. Absent in cards of earlier versions. */
  calibration: servedMembers.calibration,
  /**
   * For multi-label models, in label order: the probability from which a label is assigned, chosen on the calibration
   * images.
   */
  thresholds: servedMembers.thresholds,
  /**
   * How the model recognizes images unlike those of its data set. Absent if the job wanted none, and in cards of
   * earlier versions.
   */
  novelty: servedMembers.novelty,
  /** The probabilities from which a model reaches a precision. Absent in cards of earlier versions. */
  abstention: servedMembers.abstention,
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  crossValidation: CrossValidation.optional(),
  backbones: BackboneComparison.optional(),
  search: SearchResult.optional(),
  /**
   * The epoch that was kept, from 1 and counted over the training of the head and the fine-tuning: the one of the last of
   * them with its lowest validation loss. If the fine-tuned weights were interpolated, it is the last epoch.
   */
  bestEpoch: z.int().min(1),
  runtime: z.string(),
  /** Of the runtime, of Node (`node`), and of Graft (`graft`; absent in cards of earlier versions). */
  versions: z.record(z.string(), z.string()),
});
export type ModelCard = z.infer<typeof ModelCard>;

export const EpochRecord = z.strictObject({
  epoch: z.int().min(1),
  learningRate: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
});
export type EpochRecord = z.infer<typeof EpochRecord>;
