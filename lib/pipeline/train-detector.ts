/** Trains a one-class model: no network is trained, only distances from the features of the class are measured. */
import { mean, product } from '../arithmetic.ts';
import { fewestImages } from '../contracts/fewest-images.ts';
import type { JobResult } from '../contracts/job.ts';
import { assignFolds, countGroups } from '../datasets/splits/assign-folds.ts';
import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { DataError } from '../errors.ts';
import { mostImages, refusalRate } from '../estimates/detector-images.ts';
import type { FeatureSet } from '../features/feature-set.ts';
import { firstTrunkEnd } from '../features/first-trunk-end.ts';
import { openTrunk } from '../features/open-trunk.ts';
import type { Trunk } from '../features/trunk.ts';
import { detectorGraph } from '../models/detector-graph.ts';
import { publishModel } from '../models/publish-model.ts';
import { randomStream } from '../random.ts';
import { detectorMetrics } from '../training/evaluate-detector.ts';
import { sampleRows } from '../training/examples.ts';
import {
  type DetectorOptions,
  detectorScores,
  type FittedDetector,
  fitDetector,
  type PatchMaps,
} from '../training/novelty/fit-detector.ts';
import { extractAll, logFeatures } from './prepare-examples.ts';
import { referenceImages } from './reference-images.ts';
import { reportResult } from './report-result.ts';
import { encodeEvaluation } from './score-evaluation.ts';
import { scoredDetector } from './scored-detector.ts';
import { stage, type TrainingContext } from './training-context.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

const FOLDS = 5;

/**
 * Fits a detector of images that are unlike those of the data set's only class, and publishes it as a model version.
 * @throws DataError ONE_CLASS_TOO_SMALL; as openTrunk, extractFeatures and publishModel
 */
export async function trainDetector(context: TrainingContext): Promise<JobResult> {
  const { job, jobContext, split, work, world } = context;
  const end = firstTrunkEnd(job.spec, split.train.length);
  const trunk = await work.time('features', () => openTrunk(job.spec.backbone, end, world.store, jobContext.signal));
  const sample = sampleRows(
    trainAndValidationRows(split),
    mostImages(bytesOf(trunk), refusalRate(job.spec)),
    randomStream(job.spec.training.seed, 'detector'),
  );
  const options = detectorOptions(sample, context);
  const extraction = await work.time('features', () => extractAll(trunk, context));
  logFeatures(trunk, extraction, context);
  try {
    jobContext.report(stage('train'));
    const detector = await work.time('train', async () => fitDetector(await mapsOf(extraction.features, sample, trunk), options));
    jobContext.report(stage('evaluate'));
    const tested = split.test;
    const scores = await work.time('evaluate', () => scoreRows(extraction.features, tested, detector, trunk));
    const { processor } = extraction;
    const evaluation = await encodeEvaluation(() => scoredDetector({ detector, sample, tested, scores }, context), context);
    const result = await publish({ trunk, processor, detector, scores, evaluation }, context);
    await reportResult(result, context);
    return result;
  } finally {
    await extraction.features.close();
  }
}

interface Trained {
  readonly trunk: Trunk;
  /** The kind of processor that computed the features. */
  readonly processor: string;
  readonly detector: FittedDetector;
  /** Of the test images. */
  readonly scores: Float32Array;
  /** The same, encoded; undefined if that failed. */
  readonly evaluation: Uint8Array | undefined;
}

async function publish(
  { trunk, processor, detector, scores, evaluation }: Trained,
  context: TrainingContext,
): Promise<JobResult> {
  const { job, jobContext, dataset, engine, work, world } = context;
  const { spec } = job;
  const label = dataset.labels[0] ?? '';
  const isKnown = (score: number) => score <= detector.threshold;
  const testShare = scores.length === 0 ? undefined : mean([...scores].map((score) => Number(!isKnown(score))));
  const metrics = (of: Float32Array) =>
    detectorMetrics(
      of,
      of.map(() => 1),
      detector,
      label,
    );
  const { patches, images } = detector;
  const vectors = (bank: { vectors: Float32Array; mean: Float32Array }) => bank.vectors.length / bank.mean.length;
  jobContext.report(stage('publish'));
  return publishModel(
    job,
    {
      spec,
      trunk,
      processor,
      onnx: detectorGraph(trunk, detector),
      task: 'one-class',
      labels: dataset.labels,
      datasetDigest: dataset.digest,
      runtime: engine.runtime,
      temperature: 1,
      calibration: undefined,
      thresholds: undefined,
      novelty: { record: { ...detector.record, ...(testShare !== undefined && { testShare }) } },
      abstention: undefined,
      referenceImages: await referenceImages(trunk, context),
      scores: evaluation,
      history: [],
      result: {
        model: spec.name,
        strategy: {
          name: 'one-class',
          cut: trunk.cut,
          reason:
            `All images are ${JSON.stringify(label)}, so the model detects images that are unlike them: ` +
            `by the distances of their patches from ${vectors(patches)} patches, and of their means from ${vectors(images)} images.`,
          evidence: { patches: vectors(patches), images: vectors(images) },
        },
        runtime: 'onnx',
        ...work.total(),
        metrics: { validation: metrics(detector.heldOut), ...(scores.length > 0 && { test: metrics(scores) }) },
        bestEpoch: 1,
      },
    },
    world,
    jobContext.beginPublishing,
  );
}

/** @throws DataError ONE_CLASS_TOO_SMALL */
function detectorOptions(rows: readonly number[], context: TrainingContext): DetectorOptions {
  const { job, dataset } = context;
  const { training } = job.spec;
  const rate = refusalRate(job.spec);
  const groups = countGroups(dataset, rows);
  const fewest = fewestImages(rate);
  if (rows.length < fewest || groups < FOLDS) {
    throw new DataError('ONE_CLASS_TOO_SMALL', {
      at: dataset.name,
      expected: `at least ${fewest} training and validation images in ${FOLDS} groups of related images, for a rate of ${rate}`,
      received: `${rows.length} images in ${groups} groups`,
      fix: 'add images, or allow a higher rate: novelty.rate',
    });
  }
  const folds = assignFolds(dataset, rows, FOLDS, training.seed).map(({ validation }) => validation);
  return { rate, folds, seed: training.seed, yieldToEventLoop: () => yieldToEventLoop(context) };
}

/** Bytes of one image's map. */
function bytesOf({ featureShape }: Trunk): number {
  return product(featureShape) * Float32Array.BYTES_PER_ELEMENT;
}

async function mapsOf(features: FeatureSet, rows: readonly number[], { featureShape }: Trunk): Promise<PatchMaps> {
  return { maps: await features.gather(rows), count: rows.length, channels: featureShape.at(-1) ?? 1 };
}

/** Images to score at once, and bytes of their maps. */
const ROWS_AT_ONCE = 64;
const BYTES_AT_ONCE = 2 ** 26;

async function scoreRows(
  features: FeatureSet,
  rows: readonly number[],
  detector: FittedDetector,
  trunk: Trunk,
): Promise<Float32Array> {
  const scores = new Float32Array(rows.length);
  const some = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(BYTES_AT_ONCE / bytesOf(trunk))));
  for (let start = 0; start < rows.length; start += some) {
    const maps = await mapsOf(features, rows.slice(start, start + some), trunk);
    scores.set(await detectorScores(maps, detector), start);
  }
  return scores;
}
