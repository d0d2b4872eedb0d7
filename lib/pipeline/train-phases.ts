/** Runs one of a job's trainings, with the attempt's checkpoints, and reports its epochs. */
import { z } from 'zod';
import { sum } from '../arithmetic.ts';
import type { JobProgress, TrainingPhase } from '../contracts/job.ts';
import type { EpochRecord } from '../contracts/model-card.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import type { EngineNetwork } from '../training/engine.ts';
import type { Examples } from '../training/examples.ts';
import { findLearningRate } from '../training/find-learning-rate.ts';
import type { FitOptions } from '../training/fit-options.ts';
import { type FittedPhases, fitPhases, type Phase } from '../training/fit-phases.ts';
import { oncePerTrial, trialCheckpoints } from './once-per-trial.ts';
import { lossOf, type TrainingContext, taskOf } from './training-context.ts';

/** The examples to train on, and those to evaluate each epoch on. */
export interface TrainingSet extends Readonly<Record<'train' | 'validation', Examples>> {
  /** The kind of training in progress reports; undefined for the job's first training. */
  readonly phase?: TrainingPhase;
}

export type TrainOptions = Pick<FitOptions, 'keep' | 'mayContinue'>;

/**
 * Trains a model in phases.
 * @param name of this training within the job, and of its checkpoints
 * @throws as fitPhases
 */
export async function trainPhases(
  name: string,
  network: EngineNetwork,
  phases: readonly Phase[],
  { train, validation, phase: phaseOfJob }: TrainingSet,
  context: TrainingContext,
  { keep = 'best', mayContinue }: TrainOptions = {},
): Promise<FittedPhases> {
  const { job, world, jobContext, dataset } = context;
  const { training } = job.spec;
  const loss = lossOf(job);
  const checkpoints = (phase: number) => ({
    store: trialCheckpoints(phase === 0 ? name : `${name}-phase-${phase}`, context),
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
    ...(mayContinue && { mayContinue }),
    yieldToEventLoop: jobContext.flush,
    signal: jobContext.signal,
    log: world.log,
  });
}

/**
 * Checks the memory for training all layers of a model that may train. A later training of the same kind needs no
 * check: the process already holds that memory, and it would count as taken.
 * @throws CapacityError as checkTrainingMemory
 */
export async function checkPhasesMemory(network: EngineNetwork, { job }: TrainingContext): Promise<void> {
  await network.checkMemory({ loss: lossOf(job), training: job.spec.training });
}

/**
 * The training spec, with the learning rate that is found for the model if the spec asks for that. All attempts of the
 * job use the same rate.
 * @throws as findLearningRate
 */
export async function findRate(
  training: TrainingSpec,
  { network, layerRate }: { readonly network: EngineNetwork; readonly layerRate?: Phase['layerRate'] },
  { train }: TrainingSet,
  context: TrainingContext,
): Promise<TrainingSpec> {
  if (!training.findLearningRate) return training;
  const { job, world, jobContext, dataset } = context;
  const loss = lossOf(job);
  const schema = z.strictObject({ learningRate: z.number().gt(0) });
  const { learningRate } = await loadOrCompute(oncePerTrial('learning-rate', schema, context), world.store, async () => {
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
  let resumed: number | undefined;
  return ({ epoch: ofPhase, loss, accuracy, validationLoss, validationAccuracy }, phase) => {
    const epoch = sum(planned.slice(0, phase)) + ofPhase;
    resumed ??= epoch - 1;
    const perEpoch = (clock.now().getTime() - start) / 1000 / (epoch - resumed);
    // A multi-label model always has a high share of right decisions, so it is not reported.
    const shares: Partial<JobProgress> = isMultiLabel ? {} : { accuracy, validationAccuracy };
    const metrics: Partial<JobProgress> = { loss, validationLoss, ...shares };
    const shownProgress = {
      ...(phaseOfJob && { phase: phaseOfJob }),
      ...(phaseOfJob === 'retraining' ? withoutValidation(metrics) : metrics),
    };
    log('epoch', { job: id, epoch, ...shownProgress });
    report({ stage: 'train', done: epoch, total, ...shownProgress, secondsLeft: perEpoch * (total - epoch) });
  };
}

/** Retraining uses the validation images as well, so their metrics have no meaning. */
function withoutValidation({ validationLoss: _, validationAccuracy: __, ...others }: Partial<JobProgress>): Partial<JobProgress> {
  return others;
}
