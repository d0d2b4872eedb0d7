import type { JobSpec } from '../contracts/job-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { CapacityError } from '../errors.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { startStopwatch } from '../stopwatch.ts';
import { type Blend, blendWeights, copyWeights } from '../training/blend-weights.ts';
import { inOneRow, phasesThatDidGood } from '../training/fit-phases.ts';
import { tailPhases } from '../training/tail-phases.ts';
import { blendNumbers, blendOf, stayedFrozen, triedDeeper } from './half-way.ts';
import { type Anew, addSeconds, learningSet, type Network, openNetwork, seeded, type TrainedNetwork } from './network.ts';
import { prepareExamples, type TrainingContext } from './prepare-examples.ts';
import { type TuningSeconds, timeTuning } from './time-tuning.ts';
import { foretellMemory, trainPhases } from './train-phases.ts';
import { hadNoTime, hadNoTimeForDeeper, hasTime, noTimeFor, wasShortened } from './tuning-limits.ts';

/**
 * The head is there; the tail now trains with it at a lower rate. What is kept lies on the way between the weights before and after,
 * as far as the validation images like it; where a plan allows and they like none of it, the frozen backbone is the answer, and where they
 * like all of it, the layers below may have their turn.
 */
export async function fineTuneStages(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tuned = await fineTuneWhatFits(plan, warm, context);
  const { deeper } = plan;
  const trained = deeper !== undefined && tuned.blend?.share === 1 ? await orDeeper(tuned, deeper, warm, context) : tuned.trained;
  return {
    ...trained,
    seconds: addSeconds(warm.seconds, trained.seconds),
    async close() {
      await trained.close();
      await warm.close();
    },
  };
}

/** Where there is no time for a plan of strategy `auto`, the smaller one is tried, or the frozen backbone with its head is the answer. */
async function fineTuneWhatFits(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<Tuned> {
  const tuned = await fineTuneTail('tail', plan, warm, context);
  if (!('noTime' in tuned)) return tuned;
  const { smaller } = plan;
  if (smaller === undefined) return tuned.noTime;
  await tuned.noTime.trained.close();
  const less = await fineTuneTail('smaller', smaller, warm, context);
  return 'noTime' in less ? less.noTime : less;
}

/** The layers below train as well, from the pretrained weights on; what the validation images like better is kept. */
async function orDeeper(top: Tuned, plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tried = await whereItFits(() => fineTuneTail('deeper', plan, warm, context, top.trained.timed));
  if (tried !== undefined && 'noTime' in tried) {
    await tried.noTime.trained.close();
    return { ...top.trained, strategy: hadNoTimeForDeeper(top.trained.strategy, plan.cut, tried.why) };
  }
  const deep = tried;
  const better = deep !== undefined && lossOf(deep) < lossOf(top) ? deep : top;
  await (better === top ? deep : top)?.trained.close();
  const strategy = triedDeeper(better.trained.strategy, plan.cut, { top: lossOf(top), deeper: deep && lossOf(deep) });
  const seconds = deep === undefined ? top.trained.seconds : addSeconds(top.trained.seconds, deep.trained.seconds);
  return { ...better.trained, strategy, seconds };
}

/** @returns undefined where there is not the memory for it */
async function whereItFits<T>(train: () => Promise<T>): Promise<T | undefined> {
  try {
    return await train();
  } catch (error) {
    if (error instanceof CapacityError && error.code === 'MEMORY_TOO_SMALL') return undefined;
    throw error;
  }
}

function lossOf({ blend }: Tuned): number {
  return blend?.losses.get(blend.share) ?? Number.POSITIVE_INFINITY;
}

/** A tail that has trained, behind the head that it began with. */
interface Tuned {
  /** Or the head alone, where that was better. Its seconds are without those of the head, beside which it is to be closed. */
  readonly trained: TrainedNetwork;
  readonly blend: Blend | undefined;
}

/** There was no time for a plan of strategy `auto`: the head that it began with is the answer. */
interface NoTime {
  readonly noTime: Tuned;
  readonly why: string;
}

/**
 * @param name of this training within the job
 * @param earlierTuning what was fine-tuned before it
 */
async function fineTuneTail(
  name: string,
  plan: Plan,
  warm: TrainedNetwork,
  context: TrainingContext,
  earlierTuning?: TuningSeconds,
): Promise<Tuned | NoTime> {
  const { fineTuning } = context.job.spec;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap();
  const opened = await openNetwork(plan, prepared.trunk, warm.head, context);
  const phases = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
  const keep = fineTuning.blend ? 'last' : 'best';
  await foretellMemory(opened.network, context);
  // Whoever names a strategy has it, whatever it takes.
  const needed = isChosen(plan)
    ? await timeTuning({ name, network: opened.network, phases, examples: prepared.examples }, context)
    : undefined;
  const why = needed && noTimeFor(needed, earlierTuning?.training ?? 0, context);
  if (needed !== undefined && why !== undefined) {
    const seconds = { features, train: time.lap() };
    const strategy = hadNoTime(plan, why, needed);
    return { noTime: { trained: { ...warm, strategy, seconds, close: prepared.close }, blend: undefined }, why };
  }
  let shortened = false;
  const mayGoOn = (epochs: number): boolean => {
    shortened = needed !== undefined && epochs > 0 && !hasTime(needed.epoch + needed.validating, needed, context);
    return !shortened;
  };
  const before = await copyWeights(opened.network);
  const learnt = { ...prepared.examples, phase: 'fine-tuning' } as const;
  const fitted = await trainPhases(name, opened.network, phases, learnt, context, { keep, mayGoOn });
  const blend = fineTuning.blend ? await blendOf(opened.network, before, plan, prepared.examples.validation, context) : undefined;
  const seconds = { features, train: time.lap() };
  if (blend?.share === 0) {
    return { trained: { ...warm, strategy: stayedFrozen(plan, blend), seconds, close: prepared.close }, blend };
  }
  const again = async (anew: Anew): Promise<Network> => {
    const warmAgain = await warm.again(anew);
    const other = await openNetwork(plan, prepared.trunk, warmAgain.head, context, anew.seed);
    const start = await copyWeights(other.network);
    const repeated = phasesThatDidGood(phases, fitted, keep).map((phase) => ({
      ...phase,
      training: seeded(phase.training, anew),
    }));
    await trainPhases(`${name}-${anew.name}`, other.network, repeated, learningSet(prepared.examples, anew), context, {
      keep: 'last',
    });
    if (blend !== undefined) blendWeights(other.network, start, await copyWeights(other.network), blend.share);
    return other;
  };
  const { history, bestEpoch } = inOneRow(fitted, keep);
  const earlier = warm.history.length;
  const strategy = blend === undefined ? plan : { ...plan, evidence: { ...plan.evidence, ...blendNumbers(blend) } };
  const trained = {
    ...prepared,
    ...opened,
    strategy: shortened ? wasShortened(strategy, history.length, context) : strategy,
    training: warm.training,
    mayRefit: true,
    ...(needed && { timed: needed }),
    again,
    scoreFolds: undefined,
    history: [...warm.history, ...history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
    bestEpoch: earlier + bestEpoch,
    features: { cached: prepared.features.cached, decoded: prepared.features.decoded + warm.features.decoded },
    seconds,
  };
  return { trained, blend };
}

/** Whether strategy `auto` has chosen the plan, and so may do without it. */
function isChosen({ mayStayFrozen, isDeeper = false }: Plan): boolean {
  return mayStayFrozen || isDeeper;
}

/** The second phase: the same optimizer at a lower rate, for fewer epochs. */
function tailTraining(training: TrainingSpec, fineTuning: JobSpec['fineTuning']): TrainingSpec {
  const { optimizer } = training;
  const { learningRateFactor, epochs, schedule, earlyStopping } = fineTuning;
  const learningRate = optimizer.learningRate * learningRateFactor;
  return { ...training, optimizer: { ...optimizer, learningRate }, epochs, schedule, earlyStopping };
}
