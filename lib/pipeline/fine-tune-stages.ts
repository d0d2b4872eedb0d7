import { CapacityError } from '../errors.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { concatHistories, effectivePhases } from '../training/fit-phases.ts';
import { type Interpolation, interpolateWeights } from '../training/interpolate-weights.ts';
import { tailPhases, tailTraining } from '../training/tail-phases.ts';
import { budgetTuning } from './budget-tuning.ts';
import { closeOnFailure } from './close-on-failure.ts';
import { type Network, openNetwork, type RetrainOptions, type TrainedNetwork, trainingSet, withSeed } from './network.ts';
import { prepareExamples } from './prepare-examples.ts';
import { startStopwatch } from './stopwatch.ts';
import type { TuningSeconds } from './time-tuning.ts';
import { checkPhasesMemory, trainPhases } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';
import { hadNoTimeForDeeper, hasTime, timeExhausted, timeExhaustedFor, wasShortened } from './tuning-limits.ts';
import { describeDeeper, interpolateTail, interpolationEvidence, keepFrozen } from './weight-interpolation.ts';
import { addSeconds } from './work-log.ts';

/**
 * Trains the tail with its trained head, at a lower learning rate, and interpolates between the weights before and
 * after to the lowest validation loss. At share 0 the plan may keep the frozen backbone. At share 1 it may train the
 * layers below as well.
 */
export async function fineTuneStages(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tuned = await fineTuneWhatFits(plan, warm, context);
  const { deeper } = plan;
  const trained =
    deeper !== undefined && tuned.blend?.share === 1 ? await tryDeeper(tuned, deeper, warm, context) : tuned.trained;
  return {
    ...trained,
    seconds: addSeconds(warm.seconds, trained.seconds),
    async close() {
      await trained.close();
      await warm.close();
    },
  };
}

/**
 * Fine-tunes by the plan. If strategy `auto` has no time for it, tries the smaller plan, and otherwise keeps the frozen
 * backbone with its head.
 */
async function fineTuneWhatFits(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TunedTail> {
  const tuned = await fineTuneTail('tail', plan, warm, context);
  if (!('noTime' in tuned)) return tuned;
  const { smaller } = plan;
  if (smaller === undefined) return tuned.noTime;
  await tuned.noTime.trained.close();
  const less = await fineTuneTail('smaller', smaller, warm, context);
  return 'noTime' in less ? less.noTime : less;
}

/**
 * Trains the layers below as well, from the pretrained weights, and keeps the network with the lower validation loss.
 */
async function tryDeeper(top: TunedTail, plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tried = await unlessMemoryTooSmall(() => fineTuneTail('deeper', plan, warm, context, top.trained.timed));
  if (tried !== undefined && 'noTime' in tried) {
    await tried.noTime.trained.close();
    return { ...top.trained, strategy: hadNoTimeForDeeper(top.trained.strategy, plan.cut, tried.why) };
  }
  const deep = tried;
  const better = deep !== undefined && lossOf(deep) < lossOf(top) ? deep : top;
  await (better === top ? deep : top)?.trained.close();
  const strategy = describeDeeper(better.trained.strategy, plan.cut, { top: lossOf(top), deeper: deep && lossOf(deep) });
  const seconds = deep === undefined ? top.trained.seconds : addSeconds(top.trained.seconds, deep.trained.seconds);
  return { ...better.trained, strategy, seconds };
}

/** @returns undefined if there is not enough memory */
async function unlessMemoryTooSmall<T>(train: () => Promise<T>): Promise<T | undefined> {
  try {
    return await train();
  } catch (error) {
    if (error instanceof CapacityError && error.code === 'MEMORY_TOO_SMALL') return undefined;
    throw error;
  }
}

function lossOf({ blend }: TunedTail): number {
  return blend?.losses.get(blend.share) ?? Number.POSITIVE_INFINITY;
}

/** A tail that trained with the head in front of which it lies. */
interface TunedTail {
  /**
   * The tail with its head, or the head alone if that was better. Its seconds exclude those of the head. It is closed
   * together with the head.
   */
  readonly trained: TrainedNetwork;
  readonly blend: Interpolation | undefined;
}

/** Strategy `auto` had no time for the plan, so the trained head is the result. */
interface NoTime {
  readonly noTime: TunedTail;
  readonly why: string;
}

/**
 * @param name of this training within the job
 * @param earlierTuning seconds of fine-tuning before this one
 */
async function fineTuneTail(
  name: string,
  plan: Plan,
  warm: TrainedNetwork,
  context: TrainingContext,
  earlierTuning?: TuningSeconds,
): Promise<TunedTail | NoTime> {
  const { fineTuning } = context.job.spec;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context, plan.carriesStages);
  const features = time.lap();
  return closeOnFailure(prepared, async () => {
    const opened = await openNetwork(plan, prepared.trunk, warm.head, context);
    const planned = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
    const keep = fineTuning.blend ? 'last' : 'best';
    await checkPhasesMemory(opened.network, context);
    // A strategy that the user names runs however long it takes.
    const spent = earlierTuning?.training ?? 0;
    const tuning = { name, network: opened.network, phases: planned, examples: prepared.examples };
    const budgeted = isChosen(plan) ? await budgetTuning(plan, tuning, spent, context) : undefined;
    const { phases, needed, plan: explained } = budgeted ?? { phases: planned, needed: undefined, plan };
    const why = needed && timeExhaustedFor(needed, spent, context);
    if (needed !== undefined && why !== undefined) {
      const seconds = { features, train: time.lap() };
      const strategy = timeExhausted(plan, why, needed);
      return { noTime: { trained: { ...warm, strategy, seconds, close: prepared.close }, blend: undefined }, why };
    }
    let shortened = false;
    const mayGoOn = (epochs: number): boolean => {
      shortened = needed !== undefined && epochs > 0 && !hasTime(needed.epoch + needed.validating, needed, context);
      return !shortened;
    };
    const before = await opened.network.snapshot();
    const learnt = { ...prepared.examples, phase: 'fine-tuning' } as const;
    const fitted = await trainPhases(name, opened.network, phases, learnt, context, { keep, mayGoOn });
    const blend = fineTuning.blend
      ? await interpolateTail(opened.network, before, plan, prepared.examples.validation, context)
      : undefined;
    const seconds = { features, train: time.lap() };
    if (blend?.share === 0) {
      return {
        trained: { ...warm, strategy: keepFrozen(explained, blend), seconds, close: prepared.close },
        blend,
      };
    }
    const retrain = async (retrainOptions: RetrainOptions): Promise<Network> => {
      const retrainedHead = await warm.retrain(retrainOptions);
      const other = await openNetwork(plan, prepared.trunk, retrainedHead.head, context, retrainOptions.seed);
      const start = await other.network.snapshot();
      const repeated = effectivePhases(phases, fitted, keep).map((phase) => ({
        ...phase,
        training: withSeed(phase.training, retrainOptions),
      }));
      await trainPhases(
        `${name}-${retrainOptions.name}`,
        other.network,
        repeated,
        trainingSet(prepared.examples, retrainOptions),
        context,
        {
          keep: 'last',
        },
      );
      if (blend !== undefined) interpolateWeights(other.network, start, await other.network.snapshot(), blend.share);
      return other;
    };
    const { history, bestEpoch } = concatHistories(fitted, keep);
    const earlier = warm.history.length;
    const strategy =
      blend === undefined ? explained : { ...explained, evidence: { ...plan.evidence, ...interpolationEvidence(blend) } };
    const trained = {
      ...prepared,
      ...opened,
      strategy: shortened ? wasShortened(strategy, history.length, context) : strategy,
      training: warm.training,
      canRetrain: true,
      ...(needed && { timed: needed }),
      retrain,
      scoreFolds: undefined,
      history: [...warm.history, ...history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
      bestEpoch: earlier + bestEpoch,
      features: { cached: prepared.features.cached, decoded: prepared.features.decoded + warm.features.decoded },
      seconds,
    };
    return { trained, blend };
  });
}

/** Whether strategy `auto` chose the plan, so that it may leave the fine-tuning out. */
function isChosen({ canKeepFrozen, isDeeper = false }: Plan): boolean {
  return canKeepFrozen || isDeeper;
}
