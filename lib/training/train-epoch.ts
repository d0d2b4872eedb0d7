import { setImmediate as nextTurn } from 'node:timers/promises';
import { RuntimeError } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { Progress } from './checkpoints/checkpoint.ts';
import type { Checkpointer, RunState } from './checkpoints/checkpointer.ts';
import { EpochMeter, lossNotFinite } from './epoch-meter.ts';
import { type Batch, batchRows, gatherBatches } from './examples.ts';
import type { FitOptions } from './fit-options.ts';
import { bestEpoch } from './history.ts';
import { accuracy } from './metrics/accuracy.ts';
import { mixBatch } from './mixing/mix-batch.ts';
import { predictLogits } from './predict-logits.ts';
import { rateFactor } from './schedule.ts';
import { checkFinite, type Snapshot } from './snapshot.ts';

/** A training at a position within its epochs: what an epoch needs of the options, and the state. */
export interface EpochRun
  extends RunState,
    Pick<
      FitOptions,
      'loss' | 'train' | 'validation' | 'training' | 'plateauLosses' | 'onEpoch' | 'onBatch' | 'yieldToEventLoop' | 'signal'
    > {
  readonly seed: number;
  readonly checkpointer: Checkpointer | undefined;
  /** The position of the run: at the start of an epoch, or within one. */
  readonly progress: Progress;
  /** The weights of the best epoch so far. */
  readonly best: Snapshot | undefined;
}

/** Trains the rest of one epoch, then evaluates the model. @returns the new position */
export async function trainEpoch(run: EpochRun): Promise<Pick<EpochRun, 'progress' | 'best'>> {
  const { network, loss, validation, progress } = run;
  const epoch = progress.history.length + 1;
  const trained = await trainOneEpoch(run, epoch);
  const learningRate = learningRateAt(run, trained.iterations - 1);
  const evaluated = await predictLogits(network, validation, loss, { between: () => pause(run, async () => trained) });
  const validationLoss = evaluated.loss + (await network.penalty());
  if (!Number.isFinite(validationLoss)) throw lossNotFinite(`the validation of epoch ${epoch}`, validationLoss, learningRate);
  const { totals } = trained;
  const record = {
    epoch,
    learningRate,
    loss: totals.loss / totals.examples,
    accuracy: totals.accuracy / totals.examples,
    validationLoss,
    validationAccuracy: accuracy(evaluated),
  };
  const history = [...progress.history, record];
  const best = bestEpoch(history) === epoch ? await network.snapshot() : run.best;
  checkFinite(best ?? new Map());
  const next = { history, batches: 0, totals: { examples: 0, loss: 0, accuracy: 0 }, iterations: trained.iterations };
  await run.onEpoch?.(record);
  await run.checkpointer?.save(run, next, best);
  return { progress: next, best };
}

/** Trains on the remaining batches of an epoch, in the order of that epoch. */
async function trainOneEpoch(run: EpochRun, epoch: number): Promise<Progress> {
  const { train, training, seed, trainer, checkpointer, progress } = run;
  const { batchSize, gradientAccumulation } = training;
  const batches = batchRows(train.count, batchSize, randomStream(seed, 'shuffle', epoch));
  const meter = new EpochMeter(epoch, trainer, progress.totals);
  let done = progress.batches;
  const standing = async (): Promise<Progress> => {
    const totals = await meter.totals();
    return { history: progress.history, batches: done, totals, iterations: trainer.iterations };
  };
  for await (const batch of gatherBatches(train, batches.slice(done), epoch)) {
    const learningRate = learningRateAt(run, trainer.iterations);
    const examples = batch.targets.length / train.classes;
    const firstOfUpdate = done - (done % gradientAccumulation);
    const ofUpdate = batches.slice(firstOfUpdate, firstOfUpdate + gradientAccumulation).flat().length;
    const batchIndex = done;
    const seedOf = (layer: string): number => randomStream(seed, 'dropout', epoch, batchIndex, layer).seed();
    await trainer.accumulate(mixed(run, batch, epoch, batchIndex), { share: examples / ofUpdate, seedOf });
    done += 1;
    await meter.add({ examples, step: done, learningRate });
    run.onBatch?.({ epoch, batch: done, batches: batches.length });
    if (done % gradientAccumulation === 0 || done === batches.length) {
      trainer.update(learningRate);
      await pause(run, standing);
      if (checkpointer?.isDue()) await checkpointer.save(run, await standing(), run.best);
    }
  }
  return await standing();
}

/** The batch with mixtures, which follow from the position of the run like all random values. */
function mixed({ train, training: { mix }, seed }: EpochRun, batch: Batch, epoch: number, batchIndex: number): Batch {
  return mix === undefined ? batch : mixBatch(batch, train.inputShape, mix, randomStream(seed, 'mix', epoch, batchIndex));
}

function learningRateAt({ training, train, progress: { history }, plateauLosses }: EpochRun, step: number): number {
  const { optimizer, schedule, epochs, batchSize, gradientAccumulation } = training;
  const stepsPerEpoch = Math.ceil(Math.ceil(train.count / batchSize) / gradientAccumulation);
  const validationLosses = plateauLosses?.slice(0, history.length) ?? history.map(({ validationLoss }) => validationLoss);
  return optimizer.learningRate * rateFactor(schedule, { step, stepsPerEpoch, epochs, validationLosses });
}

/**
 * Lets the process do other work: timers, requests, signals.
 * @throws RuntimeError TRAINING_INTERRUPTED, after writing a checkpoint, if the signal was aborted
 */
async function pause(run: EpochRun, standing: () => Promise<Progress>): Promise<void> {
  const { signal, checkpointer, best, yieldToEventLoop } = run;
  await nextTurn();
  await yieldToEventLoop?.();
  if (!signal?.aborted) return;
  await checkpointer?.save(run, await standing(), best);
  await checkpointer?.settle();
  throw new RuntimeError('TRAINING_INTERRUPTED', {
    received: signal.reason instanceof Error ? signal.reason.message : signal.reason,
    fix: checkpointer === undefined ? 'start it again' : 'start it again: it continues from its checkpoint',
    cause: signal.reason,
    retryable: true,
  });
}
