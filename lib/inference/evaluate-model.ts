import { setImmediate } from 'node:timers/promises';
import { nearest } from '../contracts/explain/nearest.ts';
import type { EvaluateJob, EvaluateResult } from '../contracts/job.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { streamStoredImages } from '../datasets/files/read-images.ts';
import { type Dataset, openDataset } from '../datasets/versions/dataset-store.ts';
import { CapacityError, DataError } from '../errors.ts';
import { networkInput } from '../images/fit-to-input.ts';
import type { JobContext } from '../jobs/work-on-job.ts';
import { resolveModel } from '../models/registry.ts';
import { packageMissing, readOnnx, readServedCard, requireDigest, requireOutputPerLabel } from '../models/served-package.ts';
import { imagesAtOnce, runImages } from '../onnx/run-images.ts';
import { openWorkerSession } from '../onnx/worker-session.ts';
import type { World } from '../ports.ts';
import { metricsOf } from '../training/evaluate.ts';
import { oneClassMetrics, refusedMetrics } from '../training/evaluate-detector.ts';
import { gibibytes } from '../training/memory-limit.ts';
import { requireTask } from './check-evaluation.ts';
import { checkOutputs } from './check-outputs.ts';
import { outputPrefix } from './output-prefix.ts';

/** The largest batch. */
const BATCH = 8;
/**
 * Probabilities are clipped to this range, so that their logarithm is finite. Nearly all float32 numbers are inside, since
 * clipped ones would tie: the largest below 1 is 1 - 2 ** -24.
 */
const SMALLEST = 1e-37;
const LARGEST = 1 - 2 ** -25;
/**
 * Memory for each image and label: float32 logits and targets, and while the metrics are computed, decisions and float64
 * probabilities, those of one metric beside those of the one before.
 */
const BYTES_PER_LABEL = 4 + 4 + 1 + 8 + 8;

/**
 * Evaluates a model on a labelled data set, using the same probabilities that predictions return.
 * @throws DataError LABELS_TOO_FEW if no image is labelled, LABELS_UNKNOWN if the data set has labels that the model
 * lacks, PREDICTION_NOT_FINITE, and the errors of the images; SpecError TASK_INCOMPATIBLE; CapacityError MEMORY_TOO_SMALL;
 * RuntimeError MODEL_PACKAGE_DAMAGED
 */
export async function evaluateModel(
  { id, spec: { name, version, dataset: ref } }: EvaluateJob,
  world: World,
  { report, flush, signal }: JobContext,
): Promise<EvaluateResult> {
  const { version: found } = await resolveModel(`${name}@${version}`, world.store);
  const card = await readServedCard(found, world.store);
  if (card === undefined) throw packageMissing(`${found.package}card.json`);
  const { store } = await withExternalImages(ref, world);
  const dataset = await openDataset(ref, store);
  if (dataset.rows.length === 0) throw noLabels(dataset);
  requireTask(card.task, dataset, ref);
  const count = dataset.rows.length;
  const classes = card.labels.length;
  requireMemory(count, classes);
  const targets = card.task === 'one-class' ? classTargets(dataset, card.labels) : targetsOf(dataset, card.labels);
  const onnx = await readOnnx(found.package, store);
  requireDigest(onnx, card.modelDigest, { at: `${found.package}model.onnx`, version: `${name}@${version}` });
  const session = await openWorkerSession(onnx);
  const input = networkInput(card.input);
  const logits = new Float32Array(count * classes);
  let done = 0;
  try {
    const digests = dataset.rows.map(({ sha256 }) => sha256);
    const images = streamStoredImages(digests, input, store, signal);
    const batchSize = Math.min(BATCH, imagesAtOnce(input.inputSize));
    for await (const { data, count: some } of runImages(session, images, { inputSize: input.inputSize, batchSize })) {
      signal.throwIfAborted();
      requireOutputPerLabel(card, data.length, some);
      checkOutputs(data, digests.slice(done, done + some).map(blobKey));
      logits.set(data.map(card.task === 'single-label' ? logOf : logitOf), done * classes);
      done += some;
      report({ stage: 'evaluate', done, total: count });
      await flush();
    }
  } finally {
    await session.close();
  }
  const metrics =
    card.task === 'one-class'
      ? await metricsByLabel({ logits, targets }, dataset, card.labels[0] ?? '', signal)
      : metricsOf({ task: card.task, count, classes, logits, targets }, card.labels, card.thresholds);
  const result = {
    model: name,
    version,
    dataset: `${dataset.name}@${dataset.digest}`,
    metrics: { loss: metrics.negativeLogLikelihood, ...metrics },
  };
  // The API's response includes only as many classes as fit; the stored file has them all.
  await world.store.put(`${outputPrefix(id)}evaluation.json`, new TextEncoder().encode(`${JSON.stringify(result)}\n`));
  return result;
}

/**
 * Returns the targets in the order of the model's labels.
 * @returns [images, labels of the model], each 0 or 1
 */
function targetsOf({ labels, targets, name }: Dataset, known: readonly string[]): Float32Array {
  const columns = labels.map((label) => known.indexOf(label));
  const unknown = labels.filter((_, index) => columns[index] === -1);
  if (unknown.length > 0) {
    throw new DataError('LABELS_UNKNOWN', {
      at: name,
      expected: `labels of the model: ${known.slice(0, 20).join(', ')}`,
      received: unknown,
      fix: 'rename these labels, or train a model with these labels',
    });
  }
  const matrix = new Float32Array(targets.length * known.length);
  targets.forEach((ofImage, row) => {
    for (const label of ofImage) matrix[row * known.length + (columns[label] ?? 0)] = 1;
  });
  return matrix;
}

/**
 * Returns which images a one-class model should know, [images]: those with its label. All others are anomalies.
 * @throws DataError LABELS_UNKNOWN if no image has its label, so that a misspelt label is not evaluated as anomalies
 */
function classTargets({ labels, targets, name }: Dataset, [known = '']: readonly string[]): Float32Array {
  const own = labels.indexOf(known);
  if (own === -1) {
    const meant = nearest(known, labels);
    throw new DataError('LABELS_UNKNOWN', {
      at: name,
      expected: `images of ${known}, the class of the model`,
      received: labels.slice(0, 20),
      fix: meant === undefined ? `add images with the label ${known}` : `rename ${meant} to ${known} if it is that class`,
    });
  }
  return Float32Array.from(targets, (ofImage) => Number([...ofImage].includes(own)));
}

/** The metrics of a one-class model: of its class, and how well it tells the images of each other label from it. */
async function metricsByLabel(
  { logits, targets }: { readonly logits: Float32Array; readonly targets: Float32Array },
  { labels, targets: all }: Dataset,
  known: string,
  signal: AbortSignal,
): Promise<Metrics> {
  const ofClass = { task: 'multi-label' as const, count: targets.length, classes: 1, logits, targets };
  const metrics = oneClassMetrics(ofClass, known);
  const own = labels.indexOf(known);
  const rows = labels.map((): number[] => []);
  for (const [row, ofImage] of all.entries()) for (const label of ofImage) rows[label]?.push(row);
  const perClass = [...metrics.perClass];
  for (const [of, label] of labels.entries()) {
    if (of === own) continue;
    await setImmediate();
    signal.throwIfAborted();
    perClass.push(refusedMetrics(ofClass, rows[own] ?? [], rows[of] ?? [], label));
  }
  return { ...metrics, perClass };
}

/**
 * Returns the logarithm of a clipped probability. Softmax probabilities determine the logits up to a constant, which
 * has no effect.
 */
function logOf(probability: number): number {
  return Math.log(Math.max(probability, SMALLEST));
}

function logitOf(probability: number): number {
  const inside = Math.min(Math.max(probability, SMALLEST), LARGEST);
  return Math.log(inside / (1 - inside));
}

/** Fails before the first image instead of after the last one. @throws CapacityError MEMORY_TOO_SMALL */
function requireMemory(images: number, labels: number): void {
  const [needed, available] = [images * labels * BYTES_PER_LABEL, process.availableMemory()];
  if (needed <= available) return;
  throw new CapacityError('MEMORY_TOO_SMALL', {
    at: 'dataset',
    expected: `an evaluation that takes at most ${gibibytes(available)}`,
    received: `${images} images with ${labels} probabilities each, which take ${gibibytes(needed)}`,
    fix: 'evaluate on fewer images, or on a machine with more memory',
  });
}

function noLabels({ name, unlabelled }: Dataset): DataError {
  return new DataError('LABELS_TOO_FEW', {
    at: name,
    expected: 'labelled images to evaluate on',
    received: `${unlabelled} images without a label`,
    fix: 'label some of them: open the data set on the page of graft dev, or send POST /v1/datasets/NAME/labels',
  });
}
