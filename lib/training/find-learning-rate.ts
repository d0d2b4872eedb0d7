import { setImmediate as nextTurn } from 'node:timers/promises';
import { mean } from '../arithmetic.ts';
import { SWEEP_STEPS } from '../contracts/training-spec.ts';
import { randomStream } from '../random.ts';
import { classWeightsFor } from './class-weights.ts';
import type { Trainer } from './engine.ts';
import { lossNotFinite } from './epoch-meter.ts';
import { batchRows, type Examples, gatherBatches } from './examples.ts';
import type { FitOptions } from './fit-options.ts';

export interface RateSearchOptions
  extends Pick<
    FitOptions,
    'network' | 'loss' | 'train' | 'training' | 'seed' | 'labels' | 'inferring' | 'layerRate' | 'yieldToEventLoop' | 'signal'
  > {
  /** The first rate and the last. */
  readonly range?: readonly [number, number];
  /** Steps of the optimizer from the first rate to the last. */
  readonly steps?: number;
}

export interface RateSearch {
  /** The rate at which the loss has come half the way down; the optimizer's own where none lowers it. */
  readonly suggestion: number;
  /** The loss at each step, as it was and smoothed over its neighbours. */
  readonly curve: readonly RatePoint[];
}

export interface RatePoint {
  readonly rate: number;
  readonly loss: number;
  readonly smoothed: number;
}

/** How far above the lowest loss the sweep has gone too far. */
const DIVERGED = 4;
/** Over how many steps on either side a loss is smoothed. */
const WINDOW = 4;

/**
 * Tries learning rates in one sweep (Smith, arXiv:1506.01186): each step of the optimizer takes a rate larger by the same factor,
 * until the loss explodes. The model's weights are afterwards what they were.
 * @throws RuntimeError LOSS_NOT_FINITE when the loss is no number before anything was learnt; what `signal` was aborted with
 */
export async function findLearningRate(options: RateSearchOptions): Promise<RateSearch> {
  const { network, loss, train, training, labels = [], inferring, layerRate } = options;
  const classWeights = classWeightsFor(training.classWeights, { task: loss.task, examples: train, labels });
  const before = await network.snapshot();
  const trainer = network.openTrainer({ loss, optimizer: training.optimizer, classWeights, inferring, layerRate });
  try {
    const curve = smooth(await sweep(trainer, options));
    return { suggestion: halfWay(curve) ?? training.optimizer.learningRate, curve };
  } finally {
    network.restore(before);
    trainer.close();
  }
}

async function sweep(
  trainer: Trainer,
  {
    train,
    training,
    seed = training.seed,
    signal,
    yieldToEventLoop,
    range: [lowest, highest] = [1e-6, 10],
    steps = SWEEP_STEPS,
  }: RateSearchOptions,
): Promise<{ rate: number; loss: number }[]> {
  const seen: { rate: number; loss: number }[] = [];
  const batches = shuffledBatches(train, training.batchSize, steps, seed);
  for await (const batch of gatherBatches(train, batches)) {
    signal?.throwIfAborted();
    const step = seen.length;
    const rate = lowest * (highest / lowest) ** (step / (steps - 1));
    trainer.accumulate(batch, { seedOf: (layer) => randomStream(seed, 'find-rate', step, layer).seed() });
    const [{ loss } = { loss: Number.NaN }] = await trainer.readOutcomes();
    if (!Number.isFinite(loss)) {
      if (step === 0) throw lossNotFinite('the first step of the search for a learning rate', loss, rate);
      break;
    }
    seen.push({ rate, loss });
    const recent = mean(seen.slice(-WINDOW).map((point) => point.loss));
    if (recent > DIVERGED * Math.min(...seen.map((point) => point.loss))) break;
    trainer.update(rate);
    await nextTurn();
    await yieldToEventLoop?.();
  }
  return seen;
}

/** As many batches as asked for, epoch after epoch, each in an order of its own. */
function shuffledBatches({ count }: Examples, batchSize: number, steps: number, seed: number): number[][] {
  const batches: number[][] = [];
  for (let epoch = 1; batches.length < steps; epoch++) {
    batches.push(...batchRows(count, batchSize, randomStream(seed, 'find-rate', 'shuffle', epoch)));
  }
  return batches.slice(0, steps);
}

/** Means over the neighbours on both sides: a mean over the past alone would see every change too late. */
function smooth(seen: readonly { readonly rate: number; readonly loss: number }[]): RatePoint[] {
  return seen.map((point, i) => {
    const reach = Math.min(WINDOW, i, seen.length - 1 - i);
    return { ...point, smoothed: mean(seen.slice(i - reach, i + reach + 1).map(({ loss }) => loss)) };
  });
}

/**
 * Where the smoothed loss has come half the way from its beginning to its lowest. A level is found more surely than a
 * slope, which one batch can turn.
 */
function halfWay(curve: readonly RatePoint[]): number | undefined {
  const losses = curve.map(({ smoothed }) => smoothed);
  const beginning = mean(losses.slice(0, Math.ceil(losses.length / 10)));
  const level = (beginning + Math.min(...losses)) / 2;
  return level < beginning ? curve.find(({ smoothed }) => smoothed <= level)?.rate : undefined;
}
