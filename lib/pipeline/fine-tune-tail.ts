import { z } from 'zod';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import { concatHistories, epochsOf } from '../training/fit-phases.ts';
import { type Interpolation, interpolateWeights } from '../training/interpolate-weights.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { tailPhases, tailTraining } from '../training/tail-phases.ts';
import { budgetTuning } from './budget-tuning.ts';
import { headTraining, type Network, openNetwork, type RetrainOptions, type TrainedNetwork } from './network.ts';
import { type PreparedExamples, prepareExamples } from './prepare-examples.ts';
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
  const time = startStopwatch(context.world.clock);
  const { carriesStages: withStages, augment } = plan;
  const prepared = await prepareExamples(plan.cut, undefined, context, { withStages, augment, isBudgeted: isChosen(plan) });
  const features = time.lap();
  return closeOnFailure(prepared, async () => {
    const spent = (earlierTuning?.training ?? 0) + (await firstSeconds(name, features, context));
    return tunePrepared({ name, plan, prepared, features, spent, time }, warm, context);
  });
}

/**
 * The seconds that computing the features took in the job's first attempt. Later ones find them stored, but must plan the
 * same epochs.
 */
function firstSeconds(name: string, seconds: number, { job, world, part = '' }: TrainingContext): Promise<number> {
  return loadOrCompute({ job, name: `${part}features-${name}`, schema: z.number() }, world.store, async () => seconds);
}

interface PreparedTuning {
  /** Of this training within the job. */
  readonly name: string;
  readonly plan: Plan;
  readonly prepared: PreparedExamples;
  /** Seconds that computing the features took. */
  readonly features: number;
  /** Seconds of fine-tuning before this training: those of its features, and of earlier fine-tunings. */
  readonly spent: number;
  readonly time: Stopwatch;
}

/** Opens the network and trains it. Its weights are disposed where it is not the result, so that their memory is free. */
async function tunePrepared(
  tuning: PreparedTuning,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  const opened = await openNetwork(tuning.plan, tuning.prepared.trunk, warm.head, context);
  const close = async () => disposeWeights(opened.model);
  const tuned = await closeOnFailure({ close }, () => tuneOpened(opened, tuning, warm, context));
  if ('leftOut' in tuned || tuned.trained.model !== opened.model) await close();
  return tuned;
}

async function tuneOpened(
  opened: Awaited<ReturnType<typeof openNetwork>>,
  { name, plan, prepared, features, spent, time }: PreparedTuning,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  const { fineTuning } = context.job.spec;
  const planned = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
  const keep = fineTuning.blend ? 'last' : 'best';
  await checkPhasesMemory(opened.network, context);
  // A strategy that the user names runs however long it takes.
  const tuning = { name, network: opened.network, phases: planned, examples: prepared.examples };
  const budgeted = isChosen(plan) ? await budgetTuning(plan, tuning, spent, context) : undefined;
  if (budgeted?.noTime !== undefined) {
    const seconds = { features, train: time.lap() };
    const strategy = timeExhausted(plan, budgeted.noTime, budgeted.needed);
    return {
      leftOut: { trained: { ...warm, strategy, seconds, close: prepared.close }, interpolation: undefined },
      why: budgeted.noTime,
    };
  }
  const { phases, plan: explained } = budgeted ?? { phases: planned, plan };
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
      trained: { ...warm, strategy: keepFrozen(explained, interpolation), seconds, close: prepared.close },
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
    interpolation === undefined
      ? explained
      : { ...explained, evidence: { ...plan.evidence, ...interpolationEvidence(interpolation) } };
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
