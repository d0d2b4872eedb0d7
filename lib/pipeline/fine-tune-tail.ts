import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { concatHistories, epochsOf, type Phase } from '../training/fit-phases.ts';
import { type Interpolation, interpolateWeights } from '../training/interpolate-weights.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { tailPhases, tailTraining } from '../training/tail-phases.ts';
import { trainedOnVariants } from './augment-tail.ts';
import { type BudgetedTuning, budgetTuning } from './budget-tuning.ts';
import { headTraining, type Network, openNetwork, type RetrainOptions, type TrainedNetwork } from './network.ts';
import { planVariants } from './plan-variants.ts';
import { openVariants, type PreparedExamples, prepareExamples } from './prepare-examples.ts';
import { repeatPhases } from './repeat-phases.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { checkPhasesMemory, trainPhases } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';
import { timeExhausted, wasShortened } from './tuning-limits.ts';
import type { TuningTimes } from './tuning-times.ts';
import { watchTuning } from './watch-tuning.ts';
import { interpolateTail, interpolationEvidence, keepFrozen } from './weight-interpolation.ts';

/** A tail that trained with the head in front of which it lies. */
export interface TunedTail {
  /**
   * The tail with its head, or the head alone if that was better. Its seconds exclude those of the head. It is closed
   * together with the head.
   */
  readonly trained: TrainedNetwork;
  readonly interpolation: Interpolation | undefined;
}

/** Strategy `auto` had no time or no memory for the plan, so the trained head is the result. */
export interface LeftOut {
  readonly leftOut: TunedTail;
  readonly why: string;
}

/**
 * @param name of this training within the job
 * @param earlierTuning seconds of fine-tuning before this one
 */
export async function fineTuneTail(
  name: string,
  plan: Plan,
  warm: TrainedNetwork,
  context: TrainingContext,
  earlierTuning?: TuningTimes,
): Promise<TunedTail | LeftOut> {
  const spent = earlierTuning?.training ?? 0;
  const time = startStopwatch(context.world.clock);
  const { carriesStages: withStages, augment } = plan;
  const prepared = await prepareExamples(plan.cut, undefined, context, {
    withStages,
    augment: variesLater(plan) ? 'none' : augment?.augmentation,
  });
  const features = time.lap();
  return closeOnFailure(prepared, () => tunePrepared({ name, plan, prepared, features, spent, time }, warm, context));
}

/**
 * Whether the random variants of the images are planned once the time of the epochs is known. Images that a training reads
 * themselves change with each epoch anyway.
 */
function variesLater({ augment, cut }: Plan): boolean {
  return augment?.isChosen === true && cut !== 'images';
}

type OpenedNetwork = Awaited<ReturnType<typeof openNetwork>>;

interface PreparedTuning {
  /** Of this training within the job. */
  readonly name: string;
  readonly plan: Plan;
  readonly prepared: PreparedExamples;
  /** Seconds that computing the features took. */
  readonly features: number;
  /** Seconds of fine-tuning before this one. */
  readonly spent: number;
  readonly time: Stopwatch;
}

/** Opens the network and trains it. Its weights are disposed where it is not the result, so that their memory is free. */
async function tunePrepared(
  tuning: PreparedTuning,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  const opened: OpenedNetwork = await openNetwork(tuning.plan, tuning.prepared.trunk, warm.head, context);
  const close = async () => disposeWeights(opened.model);
  const tuned = await closeOnFailure({ close }, () => tuneOpened(opened, tuning, warm, context));
  if ('leftOut' in tuned || tuned.trained.model !== opened.model) await close();
  return tuned;
}

async function tuneOpened(
  opened: OpenedNetwork,
  tuning: PreparedTuning,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  const { name, plan, prepared, features, spent, time } = tuning;
  const { fineTuning } = context.job.spec;
  const phases = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
  await checkPhasesMemory(opened.network, context);
  // A strategy that the user names runs however long it takes.
  if (!isChosen(plan)) return trainOpened(opened, { ...tuning, phases }, warm, context);
  const timed = { name, network: opened.network, phases, examples: prepared.examples };
  const budgeted = await budgetTuning(plan, timed, spent, context);
  if (budgeted.noTime !== undefined) {
    const seconds = { features, train: time.lap() };
    const strategy = timeExhausted(plan, budgeted.noTime, budgeted.needed);
    return {
      leftOut: { trained: { ...warm, strategy, seconds, close: prepared.close }, interpolation: undefined },
      why: budgeted.noTime,
    };
  }
  const planned = { ...tuning, phases: budgeted.phases, plan: budgeted.plan, budgeted };
  return variesLater(plan) ? trainOnVariants(opened, planned, warm, context) : trainOpened(opened, planned, warm, context);
}

interface PlannedTuning extends PreparedTuning {
  readonly phases: readonly Phase[];
  /** Undefined if the user named the strategy, whose time is not limited. */
  readonly budgeted?: BudgetedTuning;
}

/** Trains on the images and on as many random variants of them as there is time for. */
async function trainOnVariants(
  opened: OpenedNetwork,
  tuning: PlannedTuning & { readonly budgeted: BudgetedTuning },
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail> {
  const { name, plan, prepared, features, spent, time, budgeted } = tuning;
  const { dataset, split } = context;
  const augmentation = plan.augment?.augmentation ?? 'none';
  const images = trainAndValidationRows(split).flatMap((row) => dataset.rows.at(row)?.sha256 ?? []);
  const { count, seconds } = await planVariants(prepared.trunk, augmentation, { ...budgeted, name, spent, images }, context);
  const explained = trainedOnVariants(plan, count);
  if (count === 0) return trainOpened(opened, { ...tuning, plan: explained }, warm, context);
  const varied = await openVariants(prepared.trunk, { augmentation, variants: count }, context);
  const close = async () => {
    await varied.close();
    await prepared.close();
  };
  const withVariants = { ...prepared, examples: { ...prepared.examples, ...varied.examples }, close };
  const further = { plan: explained, prepared: withVariants, features: features + time.lap(), spent: spent + seconds };
  return closeOnFailure(varied, () => trainOpened(opened, { ...tuning, ...further }, warm, context));
}

async function trainOpened(
  opened: OpenedNetwork,
  { name, plan, phases, budgeted, prepared, features, spent, time }: PlannedTuning,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail> {
  const { fineTuning } = context.job.spec;
  const keep = fineTuning.blend ? 'last' : 'best';
  const watch = budgeted && (await watchTuning({ ...budgeted, name, planned: epochsOf(phases), spent }, context));
  const before = await opened.network.snapshot();
  const tuningSet = { ...prepared.examples, phase: 'fine-tuning' } as const;
  const options = { keep, ...(watch && { mayContinue: watch.mayContinue }) } as const;
  const fitted = await trainPhases(name, opened.network, phases, tuningSet, context, options);
  const { history, bestEpoch } = concatHistories(fitted, keep);
  const end = await watch?.end(history.length);
  const interpolation = fineTuning.blend
    ? await interpolateTail(opened.network, before, plan, prepared.examples.validation, context)
    : undefined;
  const seconds = { features, train: time.lap() };
  if (interpolation?.share === 0) {
    return {
      trained: { ...warm, strategy: keepFrozen(plan, interpolation), seconds, close: prepared.close },
      interpolation,
    };
  }
  const retrain = async (retrainOptions: RetrainOptions): Promise<Network> => {
    const retrainedHead = await warm.retrain(retrainOptions);
    const other = await openNetwork(plan, prepared.trunk, retrainedHead.head, context, headTraining(retrainOptions, context));
    const start = await other.network.snapshot();
    const finished = { phases, fitted, keep, examples: prepared.examples } as const;
    await repeatPhases(`${name}-${retrainOptions.name}`, other.network, finished, retrainOptions, context);
    if (interpolation !== undefined)
      interpolateWeights(other.network, start, await other.network.snapshot(), interpolation.share);
    return other;
  };
  const earlier = warm.history.length;
  const strategy =
    interpolation === undefined ? plan : { ...plan, evidence: { ...plan.evidence, ...interpolationEvidence(interpolation) } };
  const trained = {
    ...prepared,
    ...opened,
    strategy: end?.limit === undefined ? strategy : wasShortened(strategy, history.length, end.limit),
    training: warm.training,
    canRetrain: true,
    tuning: name,
    ...(end && { timed: end.timed }),
    retrain,
    scoreFolds: undefined,
    history: [...warm.history, ...history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
    bestEpoch: earlier + bestEpoch,
    seconds,
  };
  return { trained, interpolation };
}

/** Whether strategy `auto` chose the plan, so that it may leave the fine-tuning out. */
function isChosen({ canKeepFrozen, isDeeper = false }: Plan): boolean {
  return canKeepFrozen || isDeeper;
}
