import type { Abstention } from '../contracts/abstention.ts';
import type { FittedCalibration } from '../contracts/calibration.ts';
import type { JobRecord, JobResult } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { Metrics } from '../contracts/metrics.ts';
import type { EpochRecord, ModelCard } from '../contracts/model-card.ts';
import type { ModelTask } from '../contracts/model-task.ts';
import type { ModelVersion } from '../contracts/model-version.ts';
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import type { BackbonePrecision } from '../contracts/precision.ts';
import { version } from '../contracts/version.ts';
import type { Trunk } from '../features/trunk.ts';
import { computesInt8 } from '../onnx/computes-int8.ts';
import { KIND_TOLERANCE } from '../onnx/processor-kind.ts';
import type { World } from '../ports.ts';
import type { EngineRuntime } from '../training/engine.ts';
import type { NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import { readResult, writePackage } from './model-package.ts';
import { type BeginPublishing, publishPackage } from './publish-package.ts';
import { makeReferences } from './reference-predictions.ts';
import { digestOf } from './served-package.ts';

/** A trained network with its metadata. */
export interface FinishedModel {
  /** The spec used for training. After a search, it differs from the job's spec. */
  readonly spec: JobSpec;
  readonly trunk: Trunk;
  /** The kind of processor that computed the features on which it was trained. */
  readonly processor: string;
  /** Of its trunk, if the job chose between int8 and float32. */
  readonly precision?: BackbonePrecision | undefined;
  /** The complete graph, from images to probabilities. */
  readonly onnx: Uint8Array;
  readonly task: ModelTask;
  readonly labels: readonly string[];
  readonly datasetDigest: string;
  readonly runtime: EngineRuntime;
  readonly temperature: number;
  /** Undefined for a one-class model, as are its thresholds for precisions: it has one label. */
  readonly calibration: FittedCalibration | undefined;
  /** For multi-label models: the probability from which each label is assigned. */
  readonly thresholds: readonly number[] | undefined;
  /** Undefined if the job wants no novelty score; the reason if it has none. */
  readonly novelty: Pick<NoveltyDetector, 'record'> | NoveltyOmitted | undefined;
  readonly abstention: Abstention | undefined;
  /** Whole numbers 0..255, float32 [height, width, 3] each: the package keeps their predictions. */
  readonly referenceImages: readonly Float32Array[];
  /** Of the evaluated images, encoded; undefined if they could not be made. */
  readonly scores: Uint8Array | undefined;
  readonly history: readonly EpochRecord[];
  readonly result: Omit<JobResult, 'version' | 'package'>;
}

/**
 * Packages the model as one ONNX graph with its card and history, and publishes it. Nothing is visible until the last
 * write.
 * @returns the result of the published package: that of another worker if the job had recorded it before
 * @param beginPublishing records the version in the job, or throws if the attempt may no longer publish
 * @throws ConflictError ATTEMPT_REPLACED; NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function publishModel(
  job: JobRecord,
  model: FinishedModel,
  { store, clock }: World,
  beginPublishing: BeginPublishing,
): Promise<JobResult> {
  const { onnx } = model;
  const card = describe(job, model, digestOf(onnx), clock.now());
  const { trunk, referenceImages, scores, history, result } = model;
  const references = referenceImages.length > 0 ? await makeReferences(onnx, referenceImages, trunk.inputSize) : undefined;
  const written = await writePackage({ card, onnx, history, references, scores, result }, job.attempt, store);
  const publication = {
    ...written,
    createdAt: card.createdAt,
    backbone: model.trunk.backbone,
    dataset: job.spec.dataset,
    ...scoresOf(card),
  };
  const { version: number, package: published } = await publishPackage(job, publication, store, beginPublishing);
  const told = published === written.package ? result : await readResult(published, store);
  return { ...told, version: number, package: published };
}

/**
 * Selects the metrics for a list of versions. For multi-label models, accuracy is not informative, because most labels
 * do not apply to an image.
 */
function scoresOf({ task, metrics }: ModelCard): Pick<ModelVersion, 'accuracy' | 'meanAveragePrecision' | 'microF1'> {
  const { accuracy, meanAveragePrecision, microF1 }: Partial<Metrics> = metrics.test ?? {};
  if (task !== 'multi-label') return accuracy === undefined ? {} : { accuracy };
  return {
    ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
    ...(microF1 !== undefined && { microF1 }),
  };
}

function describe(job: JobRecord, model: FinishedModel, modelDigest: string, now: Date): ModelCard {
  const { trunk, processor, labels, datasetDigest, runtime, temperature, calibration, thresholds, novelty, abstention, result } =
    model;
  const [height, width] = trunk.inputSize;
  const backbone = {
    name: trunk.backbone,
    inputSize: trunk.inputSize,
    weightsDigest: trunk.weightsDigest,
    licence: trunk.licence,
  };
  return {
    model: job.spec.name,
    job: job.id,
    createdAt: now.toISOString(),
    task: model.task,
    labels: [...labels],
    spec: model.spec,
    datasetDigest,
    ...(job.datasetLineage !== undefined && { datasetLineage: job.datasetLineage }),
    backbone: { ...backbone, ...(computesInt8(model.onnx) && { precision: 'int8' }) },
    features: { processors: [processor], tolerance: KIND_TOLERANCE },
    ...(model.precision && { backbonePrecision: model.precision }),
    strategy: result.strategy,
    input: { height, width, resize: 'bilinear', ...(trunk.cropToAspectRatio && { cropToAspectRatio: true }) },
    modelDigest,
    temperature,
    ...(calibration && { calibration }),
    ...(thresholds && { thresholds: [...thresholds] }),
    ...(novelty && { novelty: 'omitted' in novelty ? novelty : novelty.record }),
    ...(abstention && { abstention }),
    metrics: result.metrics,
    ...(result.crossValidation && { crossValidation: result.crossValidation }),
    ...(result.backbones && { backbones: result.backbones }),
    ...(result.search && { search: result.search }),
    bestEpoch: result.bestEpoch,
    runtime: result.runtime,
    versions: { ...runtime.versions, node: process.version, graft: version },
  };
}
