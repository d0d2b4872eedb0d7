import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mean, median, spreadEvenly } from '../../lib/arithmetic.ts';
import { readStoredImages } from '../../lib/datasets/files/read-images.ts';
import { type Dataset, openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { labelled } from '../../lib/features/feature-examples.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import type { Trunk } from '../../lib/features/trunk.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { readCard } from '../../lib/models/model-package.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import type { OnnxSession } from '../../lib/onnx/onnx-session.ts';
import { runAtOnce } from '../../lib/onnx/run-images.ts';
import { openSession } from '../../lib/onnx/session.ts';
import type { World } from '../../lib/ports.ts';
import { quantizeTrunk } from '../../lib/quantization/quantize-trunk.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { chooseMixture } from '../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf } from '../../lib/training/closed-form/feature-block.ts';
import { scoreHeldOut } from '../../lib/training/closed-form/score-held-out.ts';
import { type Examples, memoryExamples } from '../../lib/training/examples.ts';
import type { LabelledLogits } from '../../lib/training/metrics/labelled-logits.ts';
import { imageLosses } from '../../lib/training/metrics/negative-log-likelihood.ts';
import { taskScore } from '../../lib/training/metrics/task-score.ts';
import { machine, type Table } from './bench.ts';

const SETS = ['ants-bees', 'trash', 'sign-digits', 'steel-defects', 'brain-mri', 'scenes-multilabel'];
/** Images of each set: enough to see a difference of two points. */
const IMAGES = 300;
const CALIBRATION_IMAGES = 64;
/** As in the computation of features. */
const BATCH = 8;
const ROUNDS = 30;
const FOLDS = 10;

/** Compares a trunk in int8 with the same trunk in float32: speed, and heads on the features of both. */
export const int8Trunk: Table = {
  name: 'int8-trunk',
  about:
    'speed of the frozen EfficientNet-Lite0 in int8 against float32, and closed-form heads on the features of both, on the data sets ' +
    'and models of the benchmark quantization [--sets A,B] [--folder PATH]',
  async run(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { sets: text, folder: text } });
    const world = openEmbeddedWorld(resolve(values.folder ?? '.graft/quantization', 'data'), () => {});
    await startTensorFlow();
    const rows: Row[] = [];
    try {
      for (const set of values.sets?.split(',') ?? SETS) {
        const row = await measure(set, world);
        console.error(JSON.stringify(row));
        rows.push(row);
      }
    } finally {
      world.close();
    }
    return { markdown: markdownOf(rows), json: { name: 'int8-trunk', rows, machine: machine() } };
  },
};

interface Row {
  readonly set: string;
  readonly images: number;
  readonly float32: Side;
  readonly int8: Side;
  /** CPU time of float32 over that of int8: the median of interleaved pairs, on one thread. */
  readonly speedup: number;
  /** Negative log-likelihood of int8 minus that of float32, of the same images, and its standard error. */
  readonly lossDifference: number;
  readonly standardError: number;
}

interface Side {
  readonly imagesPerCpuSecond: number;
  /** Accuracy, or mean average precision, of images that the head was not fitted to. */
  readonly score: number;
  readonly negativeLogLikelihood: number;
}

async function measure(set: string, world: World): Promise<Row> {
  const { version } = await resolveModel(set, world.store);
  const card = await readCard(version, world.store);
  const { spec } = card;
  const task = card.task === 'multi-label' ? card.task : 'single-label';
  const trunk = await openTrunk(spec.backbone, { cut: 'stages', pooling: undefined }, world.store);
  const dataset = await openDataset(spec.dataset, world.store);
  const count = Math.min(IMAGES, dataset.rows.length);
  const chosen = spreadEvenly([...Array(dataset.rows.length).keys()], count);
  const images = chosen.flatMap((row) => dataset.rows.at(row)?.sha256 ?? []);
  const pixels = await readStoredImages(images, trunk, world.store);
  const [height, width] = trunk.inputSize;
  const int8 = await quantizeTrunk(trunk.onnx, { pixels: pixels.slice(0, CALIBRATION_IMAGES), height, width });
  if ('why' in int8) throw new Error(`the trunk has no int8 form: ${int8.why}`);
  const graphs = [trunk.onnx, int8.onnx] as const;
  const sessions = [await openSession(graphs[0], { threads: 1 }), await openSession(graphs[1], { threads: 1 })] as const;
  try {
    const times = await timeCpu(sessions, pixels.slice(0, BATCH), trunk);
    const [first, second] = [
      await scoreHead(await examplesOf(sessions[0], pixels, chosen, dataset, trunk), task, trunk),
      await scoreHead(await examplesOf(sessions[1], pixels, chosen, dataset, trunk), task, trunk),
    ];
    const differences = second.losses.map((loss, i) => loss - (first.losses[i] ?? 0));
    const side = ({ score, losses }: HeldOut, seconds: readonly number[]): Side => ({
      imagesPerCpuSecond: BATCH / median(seconds),
      score,
      negativeLogLikelihood: mean(losses),
    });
    const centre = mean(differences);
    return {
      set,
      images: count,
      float32: side(first, times[0]),
      int8: side(second, times[1]),
      speedup: median(times[0].map((seconds, i) => seconds / (times[1][i] ?? Number.NaN))),
      lossDifference: centre,
      standardError: Math.sqrt(mean(differences.map((value) => (value - centre) ** 2)) / (count - 1)),
    };
  } finally {
    for (const session of sessions) await session.close();
  }
}

/** @returns CPU seconds of a batch for each session, in interleaved rounds */
async function timeCpu(
  [first, second]: readonly [OnnxSession, OnnxSession],
  pixels: readonly Float32Array[],
  { inputSize }: Trunk,
): Promise<[number[], number[]]> {
  const seconds: [number[], number[]] = [[], []];
  const run = async (session: OnnxSession): Promise<number> => {
    const before = process.cpuUsage();
    await runAtOnce(session, pixels, inputSize);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = [await run(first), await run(second)] as const;
    // The first round warms up.
    if (round > 0) for (const side of [0, 1] as const) seconds[side].push(pair[side]);
  }
  return seconds;
}

async function examplesOf(
  session: OnnxSession,
  pixels: readonly Float32Array[],
  rows: readonly number[],
  dataset: Dataset,
  { inputSize, featureShape }: Trunk,
): Promise<Examples> {
  const [width = 0] = featureShape;
  const inputs = new Float32Array(pixels.length * width);
  for (let start = 0; start < pixels.length; start += BATCH) {
    const { data } = await runAtOnce(session, pixels.slice(start, start + BATCH), inputSize);
    inputs.set(data, start * width);
  }
  return memoryExamples({ inputShape: [width], inputs, ...labelled(dataset, rows) });
}

interface HeldOut {
  readonly score: number;
  /** Negative log-likelihood of each image. */
  readonly losses: readonly number[];
}

/** Scores each image by a head that was fitted to the other folds. */
async function scoreHead(examples: Examples, task: 'single-label' | 'multi-label', { blocks }: Trunk): Promise<HeldOut> {
  const { count, classes, targets } = examples;
  const options = {
    task,
    blocks: blocksOf(blocks ?? []),
    weights: new Float64Array(count).fill(1),
    yieldToEventLoop: async () => {},
  };
  const folds = Array.from({ length: FOLDS }, (_, fold) =>
    Array.from({ length: count }, (_, row) => row).filter((row) => row % FOLDS === fold),
  );
  const mixture = await chooseMixture(examples, { ...options, folds, seed: 0 });
  const scores = await scoreHeldOut(examples, mixture, folds, options);
  const logits = new Float32Array(count * classes);
  for (const [fold, rows] of folds.entries())
    for (const [i, row] of rows.entries())
      logits.set(scores[fold]?.subarray(i * classes, (i + 1) * classes) ?? [], row * classes);
  const all: LabelledLogits = { task, count, classes, logits, targets };
  return { score: taskScore(all), losses: Array.from(imageLosses(all)) };
}

function markdownOf(rows: readonly Row[]): string {
  const head = [
    'data set',
    'images',
    'images per CPU second, float32',
    'int8',
    'speed-up',
    'score, float32',
    'int8',
    'NLL, float32',
    'int8 minus float32 (standard error)',
  ];
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const lines = rows.map(({ set, images, float32, int8, speedup, lossDifference, standardError }) => [
    set,
    `${images}`,
    float32.imagesPerCpuSecond.toFixed(1),
    int8.imagesPerCpuSecond.toFixed(1),
    speedup.toFixed(2),
    percent(float32.score),
    percent(int8.score),
    float32.negativeLogLikelihood.toFixed(3),
    `${lossDifference.toFixed(4)} (${standardError.toFixed(4)})`,
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
