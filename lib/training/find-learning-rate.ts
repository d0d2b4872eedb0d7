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
  /** The rate at which the loss has fallen half of the way; the optimizer's default if no rate lowers it. */
  readonly suggestion: number;
  /** The loss at each step, raw and smoothed over its neighbours. */
  readonly curve: readonly RatePoint[];
}

export interface RatePoint {
  readonly rate: number;
  readonly loss: number;
  readonly smoothed: number;
}

/** The sweep stops when the loss exceeds the lowest one by this factor. */
const DIVERGED = 4;
/** Number of steps on either side over which a loss is smoothed. */
const WINDOW = 4;

/**
 * Tries learning rates in one sweep (Smith, arXiv:1506.01186): each step multiplies the rate by the same factor, until
 * the loss diverges. Restores the model's weights afterwards.
 * @throws RuntimeError LOSS_NOT_FINITE if the loss is not finite before any progress; the signal's reason if aborted
 */
export async function findLearningRate(options: RateSearchOptions): Promise<RateSearch> {
  const { network, loss, train, training, labels = [], inferring, layerRate } = options;
  const classWeights = classWeightsFor(training.classWeights, { task: loss.task, examples: train, labels });
  const before = await network.snapshot();
  const trainer = network.openTrainer({ loss, optimizer: training.optimizer, classWeights, inferring, layerRate });
  try {
    const curve = smooth(await sweep(trainer, options));
    return { suggestion: halfFallRate(curve) ?? training.optimizer.learningRate, curve };
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
    await trainer.accumulate(batch, { seedOf: (layer) => randomStream(seed, 'find-rate', step, layer).seed() });
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

/** Returns `steps` batches, epoch after epoch, each epoch in its own order. */
function shuffledBatches({ count }: Examples, batchSize: number, steps: number, seed: number): number[][] {
  const batches: number[][] = [];
  for (let epoch = 1; batches.length < steps; epoch++) {
    batches.push(...batchRows(count, batchSize, randomStream(seed, 'find-rate', 'shuffle', epoch)));
  }
  return batches.slice(0, steps);
}

/** Smooths losses over neighbours on both sides: a mean over past steps alone would show every change too late. */
function smooth(seen: readonly { readonly rate: number; readonly loss: number }[]): RatePoint[] {
  return seen.map((point, i) => {
    const reach = Math.min(WINDOW, i, seen.length - 1 - i);
    return { ...point, smoothed: mean(seen.slice(i - reach, i + reach + 1).map(({ loss }) => loss)) };
  });
}

/**
 * Returns the rate at which the smoothed loss has fallen half of the way to its minimum. A level is more robust than a
 * slope, which a single batch can reverse.
 */
function halfFallRate(curve: readonly RatePoint[]): number | undefined {
  const losses = curve.map(({ smoothed }) => smoothed);
  const beginning = mean(losses.slice(0, Math.ceil(losses.length / 10)));
  const level = (beginning + Math.min(...losses)) / 2;
  return level < beginning ? curve.find(({ smoothed }) => smoothed <= level)?.rate : undefined;
}
