/** One of a job's trainings: its checkpoints are the attempt's, its epochs are told. */
import { z } from 'zod';
import { sum } from '../arithmetic.ts';
import type { JobProgress, TrainingPhase } from '../contracts/job.ts';
import type { EpochRecord } from '../contracts/model.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { attemptCheckpoints, loadOrCompute } from '../jobs/attempt-checkpoints.ts';
import type { EngineNetwork } from '../training/engine.ts';
import type { Examples } from '../training/examples.ts';
import { findLearningRate } from '../training/find-learning-rate.ts';
import type { FitOptions } from '../training/fit-options.ts';
import { type FittedPhases, fitPhases, type Phase } from '../training/fit-phases.ts';
import { lossOf, type TrainingContext, taskOf } from './training-context.ts';

/** What is learnt from, and what judges each epoch. */
export interface TrainingSet extends Readonly<Record<'train' | 'validation', Examples>> {
  /** Where it is not the job's first training. */
  readonly phase?: TrainingPhase;
}

export type TrainOptions = Pick<FitOptions, 'keep' | 'mayGoOn'>;

/**
 * Trains a model in phases.
 * @param name of this training within the job: its checkpoints have it
 * @throws as fitPhases
 */
export async function trainPhases(
  name: string,
  network: EngineNetwork,
  phases: readonly Phase[],
  { train, validation, phase: phaseOfJob }: TrainingSet,
  context: TrainingContext,
  { keep = 'best', mayGoOn }: TrainOptions = {},
): Promise<FittedPhases> {
  const { job, world, jobContext, dataset, part = '' } = context;
  const { training } = job.spec;
  const loss = lossOf(job);
  const checkpoints = (phase: number) => ({
    store: attemptCheckpoints(job, `${part}${name}${phase === 0 ? '' : `-phase-${phase}`}`, world.store),
    clock: world.clock,
    everyMinutes: training.checkpointMinutes,
  });
  return fitPhases({
    network,
    loss,
    train,
    validation,
    phases,
    labels: dataset.labels,
    checkpoints,
    onEpoch: epochsDone(phases, context, phaseOfJob),
    keep,
    ...(mayGoOn && { mayGoOn }),
    yieldToEventLoop: jobContext.flush,
    signal: jobContext.signal,
    log: world.log,
  });
}

/**
 * Whether there is the memory for a training of all that may train in a model, before it begins. One that is like it and comes later needs not be asked for again: what the first has used
 * is the process's own then, but counts as taken.
 * @throws CapacityError as checkTrainingMemory
 */
export async function checkPhasesMemory(network: EngineNetwork, { job }: TrainingContext): Promise<void> {
  await network.checkMemory({ loss: lossOf(job), training: job.spec.training });
}

/**
 * How a model is to be trained: as asked, or at the rate that is found for it, which is the same for all attempts of the job.
 * @throws as findLearningRate
 */
export async function findRate(
  training: TrainingSpec,
  { network, layerRate }: { readonly network: EngineNetwork; readonly layerRate?: Phase['layerRate'] },
  { train }: TrainingSet,
  { job, world, jobContext, dataset, part = '' }: TrainingContext,
): Promise<TrainingSpec> {
  if (!training.findLearningRate) return training;
  const loss = lossOf(job);
  const schema = z.strictObject({ learningRate: z.number().gt(0) });
  const { learningRate } = await loadOrCompute({ job, name: `${part}learning-rate`, schema }, world.store, async () => {
    const { suggestion } = await findLearningRate({
      network,
      loss,
      train,
      training,
      labels: dataset.labels,
      signal: jobContext.signal,
      yieldToEventLoop: jobContext.flush,
      ...(layerRate && { layerRate }),
    });
    return { learningRate: Number(suggestion.toPrecision(3)) };
  });
  world.log('learning-rate', { job: job.id, found: learningRate });
  return { ...training, findLearningRate: false, optimizer: { ...training.optimizer, learningRate } };
}

function epochsDone(
  phases: readonly Phase[],
  { job, jobContext: { report }, world: { clock, log } }: TrainingContext,
  phaseOfJob: TrainingPhase | undefined,
): (epoch: EpochRecord, phase: number) => void {
  const { id } = job;
  const isMultiLabel = taskOf(job) === 'multi-label';
  const start = clock.now().getTime();
  const planned = phases.map(({ training }) => training.epochs);
  const total = sum(planned);
  return ({ epoch: ofPhase, loss, accuracy, validationLoss, validationAccuracy }, phase) => {
    const epoch = sum(planned.slice(0, phase)) + ofPhase;
    const perEpoch = (clock.now().getTime() - start) / 1000 / epoch;
    // The share of right decisions on labels is high whatever a multi-label model does.
    const shares: Partial<JobProgress> = isMultiLabel ? {} : { accuracy, validationAccuracy };
    const judged: Partial<JobProgress> = { loss, validationLoss, ...shares };
    const shownProgress = {
      ...(phaseOfJob && { phase: phaseOfJob }),
      ...(phaseOfJob === 'retraining' ? onLearnt(judged) : judged),
    };
    log('epoch', { job: id, epoch, ...shownProgress });
    report({ stage: 'train', done: epoch, total, ...shownProgress, secondsLeft: perEpoch * (total - epoch) });
  };
}

/** Retraining learns from the validation images too: their figures then judge nothing. */
function onLearnt({ validationLoss: _, validationAccuracy: __, ...learnt }: Partial<JobProgress>): Partial<JobProgress> {
  return learnt;
}
