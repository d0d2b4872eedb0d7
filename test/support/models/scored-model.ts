import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { EpochRecord, ModelCard } from '../../../lib/contracts/model-card.ts';
import { errorKey, evidenceKeys, probeKey } from '../../../lib/contracts/strategy-evidence.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import { digestOf } from '../../../lib/models/served-package.ts';
import type { World } from '../../../lib/ports.ts';
import { type EvaluationFacts, encodeScores } from '../../../lib/reports/measure/scored-images.ts';
import { metricsOf } from '../../../lib/training/evaluate.ts';
import type { LabelledLogits } from '../../../lib/training/metrics/labelled-logits.ts';
import { picture } from '../api.ts';
import { importStored, uploadBytes } from '../datasets/upload.ts';
import { drawScores } from './scores.ts';

/** Names that break a page which does not escape them. */
export const HOSTILE = [`<script>alert(1)<`, `"><img src=x onerror=alert(1)>`, `a 'quoted' & "double" name`];

/** Facts as a job with these scores stores them. */
export function factsFor({ count, classes }: LabelledLogits, more: Partial<EvaluationFacts> = {}): EvaluationFacts {
  const each = (images: number) => new Array<number>(classes).fill(images);
  return {
    part: 'test',
    of: count,
    splits: { train: each(6), validation: each(1), test: each(3) },
    images: { train: 6 * classes, validation: classes, test: 3 * classes },
    leakingGroups: 0,
    ...more,
  };
}

/** A card as a job with these scores writes it. */
export function cardFor(scores: LabelledLogits, labels: readonly string[], more: Partial<ModelCard> = {}): ModelCard {
  const { negativeLogLikelihood, ...metrics } = metricsOf(scores, labels);
  const test = { loss: negativeLogLikelihood, negativeLogLikelihood, ...metrics };
  const same = { before: 1, after: 1 };
  return {
    model: 'scored',
    job: 'job-zd310wsts-63stns7d9m',
    createdAt: '2030-01-01T00:00:00.000Z',
    task: scores.task,
    labels: [...labels],
    spec: JobSpec.parse({ name: 'scored', dataset: 'scored', training: { seed: 7 } }),
    datasetDigest: `sha256-${'0'.repeat(64)}`,
    backbone: { name: 'efficientnet_lite0', inputSize: [224, 224], weightsDigest: '0', licence: 'Apache-2.0' },
    strategy: {
      name: 'stage-features',
      cut: 'stages',
      reason: 'Few images.',
      evidence: {
        [evidenceKeys.trainingImages]: 100,
        [probeKey('stem')]: 0.4,
        [probeKey('top')]: 0.7,
        [evidenceKeys.tuningGain]: 0.02,
        [errorKey(evidenceKeys.tuningGain)]: 0.03,
      },
    },
    input: { height: 224, width: 224, resize: 'bilinear' },
    modelDigest: digestOf(new Uint8Array(1)),
    temperature: 2,
    calibration: {
      method: 'temperature',
      scores: 'validation',
      images: 20,
      negativeLogLikelihood: same,
      expectedCalibrationError: same,
    },
    ...(scores.task === 'multi-label' && { thresholds: labels.map(() => 0.4) }),
    metrics: { validation: test, test },
    bestEpoch: 3,
    runtime: 'wasm',
    versions: {},
    ...more,
  };
}

/** Epochs of a training. */
export function epochs(count: number): EpochRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    learningRate: 0.01,
    loss: 2 / (i + 1),
    accuracy: 1 - 0.5 / (i + 1),
    validationLoss: 2.2 / (i + 1),
    validationAccuracy: 0.95 - 0.5 / (i + 1),
  }));
}

/**
 * Publishes a version of `scored` with a package that lacks only the report: its scores are drawn at random, and its
 * data set has a small picture for each.
 */
export async function publishScored(
  world: World,
  {
    task = 'single-label',
    labels,
    perClass = 8,
    waiting = 0,
    seed = 1,
    attempt = 1,
    history = epochs(6),
    facts = {},
    number = 1,
    predict,
    spec: members = {},
    novelty,
    groupOf,
  }: {
    readonly task?: LabelledLogits['task'];
    readonly labels: readonly string[];
    readonly perClass?: number;
    /** Number of images without a label, in the folder `Unlabelled`: by path after the label `M`, and before `a`. */
    readonly waiting?: number;
    readonly seed?: number;
    readonly attempt?: number;
    readonly history?: readonly EpochRecord[];
    readonly facts?: Partial<EvaluationFacts>;
    /** Of the job. */
    readonly number?: number;
    /** The label that a single-label model assigns to an image, instead of scores drawn at random. */
    readonly predict?: (image: PlacedImage) => string;
    /** The number of the group of an image; default: no images are related. */
    readonly groupOf?: ((image: PlacedImage) => number) | undefined;
    /** Members of the job's spec. */
    readonly spec?: Partial<JobSpecInput>;
    /** Novelty scores of the evaluated images, of which those above 1 are unknown. */
    readonly novelty?: readonly number[];
  },
): Promise<{ readonly package: string; readonly version: number }> {
  const { store } = world;
  const colours = ['crimson', 'royalblue', 'seagreen', 'goldenrod', 'slategray'];
  const pictures = await Promise.all(
    labels.flatMap((label, of) =>
      Array.from({ length: perClass }, async (_, i) => {
        const background = colours[of % colours.length] ?? 'black';
        return [`${label}/${HOSTILE[i] ?? i}.png`, await picture({ width: 16 + i, height: 20 + of, background })] as const;
      }),
    ),
  );
  const unlabelled = await Promise.all(
    Array.from({ length: waiting }, async (_, i) => {
      const bytes = await picture({ width: 16 + i, height: 20 + labels.length, background: 'black' });
      return [`Unlabelled/${i}.png`, bytes] as const;
    }),
  );
  const files = await uploadBytes(store, Object.fromEntries([...pictures, ...unlabelled]));
  await importStored({ name: 'scored', files }, world);
  const dataset = await openDataset('scored', store);
  const rows = dataset.rows.map((_, row) => row);
  const drawn =
    predict === undefined
      ? drawScores({ task, count: rows.length, classes: labels.length, seed })
      : predictedScores([...dataset.rows], dataset.labels, predict);
  const job = `job-zd310wsts-${`${number}`.padStart(10, '0')}`;
  const ref = `scored@${dataset.digest}`;
  const spec = JobSpec.parse({ name: 'scored', dataset: ref, training: { seed: 7 }, ...members });
  const record = { rate: 0.05, threshold: 1, images: 100, expectedShare: 0.05 };
  const card = cardFor(drawn, dataset.labels, {
    job,
    spec,
    datasetDigest: dataset.digest,
    ...(novelty && { novelty: record }),
  });
  const seconds = { features: 3, train: 2, evaluate: 0.5, total: 7 };
  const { strategy, metrics, bestEpoch } = card;
  const result = {
    model: 'scored',
    strategy,
    runtime: 'wasm',
    seconds,
    features: { cached: 0, decoded: 1 },
    metrics,
    bestEpoch,
  };
  const scores = encodeScores({
    facts: factsFor(drawn, facts),
    scores: drawn,
    rows,
    ...(groupOf && { groups: placedImages([...dataset.rows]).map(groupOf) }),
    ...(novelty && { novelty: Float32Array.from(novelty) }),
  });
  const written = await writePackage({ card, onnx: new Uint8Array(1), history, scores, result }, attempt, store);
  const { createdAt } = card;
  const published = { job, ...written, createdAt, backbone: 'efficientnet_lite0', dataset: ref };
  return publishVersion('scored', published, store);
}

interface LabelledImage {
  readonly path: string;
  readonly labels: readonly string[];
}

/** An image with its place among those of its label. */
interface PlacedImage {
  readonly path: string;
  readonly label: string;
  readonly place: number;
}

function placedImages(images: readonly LabelledImage[]): PlacedImage[] {
  const places = new Map<string, number>();
  return images.map(({ path, labels: [label = ''] }) => {
    const place = places.get(label) ?? 0;
    places.set(label, place + 1);
    return { path, label, place };
  });
}

/** Scores of a model that is sure of the label that it assigns. */
function predictedScores(
  images: readonly LabelledImage[],
  labels: readonly string[],
  predict: (image: PlacedImage) => string,
): LabelledLogits {
  const logits = new Float32Array(images.length * labels.length);
  const targets = new Float32Array(logits.length);
  for (const [row, image] of placedImages(images).entries()) {
    targets[row * labels.length + labels.indexOf(image.label)] = 1;
    logits[row * labels.length + labels.indexOf(predict(image))] = 3;
  }
  return { task: 'single-label', count: images.length, classes: labels.length, logits, targets };
}
