import { z } from 'zod';
import { Abstention } from './abstention.ts';
import { BackboneComparison } from './backbone-comparison.ts';
import { FittedCalibration } from './calibration.ts';
import { Gate, GateVerdict } from './gate.ts';
import { ChosenStrategy, CrossValidation } from './job.ts';
import { JobSpec } from './job-spec.ts';
import { Metrics } from './metrics.ts';
import { ModelTask } from './model-task.ts';
import { ModelVersion } from './model-version.ts';
import { Alias, JobId, Name, Time } from './names.ts';
import { NoveltyRecord } from './novelty.ts';
import { BackbonePrecision } from './precision.ts';
import { RemovedVersion } from './retention.ts';
import { SearchResult } from './search-spec.ts';

/** A model's description, provenance and metrics: card.json of its package. */
export const ModelCard = z.strictObject({
  model: Name,
  job: JobId,
  createdAt: Time,
  task: ModelTask,
  /** One label for `one-class`, otherwise two or more. */
  labels: z.array(z.string()).min(1),
  /** Total number of labels, if an API response includes only the first. */
  labelCount: z.int().min(1).optional(),
  /**
   * The spec used for training. After a search: the best trial's spec, including the learning rate if one was searched.
   */
  spec: JobSpec,
  datasetDigest: z.string(),
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
  input: z.strictObject({
    height: z.int(),
    width: z.int(),
    resize: z.literal('bilinear'),
    /** Whether an image of another aspect ratio is cropped in its middle. Absent: it is squeezed. */
    cropToAspectRatio: z.literal(true).optional(),
  }),
  /** SHA-256 of model.onnx. */
  modelDigest: z.string(),
  /**
   * SHA-256 of the package's other files, in hexadecimal, by name: of those that were written before the card. Absent in
   * cards of earlier versions.
   */
  files: z.record(z.string(), z.string()).optional(),
  /** The divisor of all logits. 1 if each label has its own scale, or without calibration. */
  temperature: z.number().gt(0),
  /** How the probabilities were calibrated. Absent in cards of earlier versions. */
  calibration: FittedCalibration.optional(),
  /**
   * For multi-label models, in label order: the probability from which a label is assigned, chosen on the calibration
   * images.
   */
  thresholds: z.array(z.number().min(0).max(1)).optional(),
  /**
   * How the model recognizes images unlike those of its data set. Absent if the job wanted none, and in cards of
   * earlier versions.
   */
  novelty: NoveltyRecord.optional(),
  /** The probabilities from which a model reaches a precision. Absent in cards of earlier versions. */
  abstention: Abstention.optional(),
  metrics: z.strictObject({ validation: Metrics, test: Metrics.optional() }),
  crossValidation: CrossValidation.optional(),
  backbones: BackboneComparison.optional(),
  search: SearchResult.optional(),
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

/** Who promotes a version that does not pass the alias's gate, and why. */
export const Force = z.strictObject({ by: z.string().trim().min(1).max(100), reason: z.string().trim().min(1).max(500) });
export type Force = z.infer<typeof Force>;

/** A move of an alias from one version to another. */
export const AliasMove = z.strictObject({
  at: Time,
  kind: z.enum(['promote', 'rollback']),
  /** null: the alias did not exist. */
  from: z.int().min(1).nullable(),
  to: z.int().min(1),
  /** Present if the version was promoted whatever the gate says. */
  force: Force.optional(),
  /** The gate's verdict on the version. Absent if the alias had no gate, and for a rollback. */
  verdict: GateVerdict.optional(),
});
export type AliasMove = z.infer<typeof AliasMove>;

/** A model's versions, oldest first, and its aliases. A model whose versions were all deleted does not exist. */
export const ModelRecord = z.strictObject({
  name: Name,
  versions: z.array(ModelVersion),
  aliases: z.record(z.string(), z.int().min(1)),
  /** The versions that each alias pointed to before, newest last. A rollback restores the last one. */
  previous: z.record(z.string(), z.array(z.int().min(1))).optional(),
  /**
   * For each alias, the requests that rolled it back, newest last (earlier versions stored one). Repeating such a
   * request has no effect.
   */
  rolledBackBy: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  /** The latest moves of each alias, newest last. In responses only those of a single alias have it. */
  history: z.record(z.string(), z.array(AliasMove)).optional(),
  /** The gate of each alias that has one. Loose, so that predictions never depend on the rules of a newer version. */
  gates: z.record(z.string(), z.looseObject({})).optional(),
  /** Which predictions the model keeps; absent: none. Loose for the same reason. See lib/models/keeping.ts. */
  keeping: z.looseObject({}).optional(),
  /** Which versions stay; absent: all. Loose for the same reason. See lib/retention. */
  retention: z.looseObject({}).optional(),
  /** The versions that a run of retention is about to remove, unless something uses them. `run` is the run's id. */
  expiring: z.strictObject({ run: z.string(), versions: z.array(z.int().min(1)) }).optional(),
  /** The latest versions that retention has removed, newest last. */
  removed: z.array(RemovedVersion).optional(),
  /** Packages of deleted versions, some of whose files may still exist. */
  deletedPackages: z.array(z.string()).optional(),
  /** The highest version number so far. Numbers are never reused. */
  lastVersion: z.int().min(1).optional(),
  /** Total number of versions, if an API response includes only the newest and those with aliases. */
  versionCount: z.int().min(0).optional(),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

/** GET /v1/models/{name}/versions: newest first. */
export const ModelVersionList = z.strictObject({ versions: z.array(ModelVersion), next: z.string().optional() });

/** GET /v1/models/{name}/versions/{version} */
export const ModelVersionDetails = z.strictObject({ ...ModelVersion.shape, model: Name, card: ModelCard });
export type ModelVersionDetails = z.infer<typeof ModelVersionDetails>;

/** GET /v1/models/{name}/aliases/{alias} */
export const AliasRecord = z.strictObject({
  model: Name,
  alias: Alias,
  version: z.int().min(1),
  /** The versions before this one, newest last. */
  previous: z.array(z.int().min(1)),
  /** Its latest moves, newest last. */
  history: z.array(AliasMove).optional(),
  /** What a version must meet before the alias moves to it. */
  gate: Gate.optional(),
});
export type AliasRecord = z.infer<typeof AliasRecord>;

/**
 * PUT /v1/models/{name}/aliases/{alias}: the new target, and optionally the expected current target (null: the alias
 * does not exist).
 */
export const SetAlias = z.strictObject({
  version: z.int().min(1),
  expected: z.int().min(1).nullable().optional(),
  /** Moves the alias even if the version does not pass its gate. */
  force: Force.optional(),
});
export type SetAlias = z.infer<typeof SetAlias>;
