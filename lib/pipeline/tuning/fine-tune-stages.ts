import { closeOnFailure } from '../../close-on-failure.ts';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import { disposeWeights } from '../../training/layers-model/dispose-weights.ts';
import { withSentence } from '../extend-strategy.ts';
import { type TrainedHead, type TrainedNetwork, tuningTimesOf } from '../network.ts';
import type { TrainingContext } from '../training-context.ts';
import { unlessDiverged, unlessOutOfMemory } from '../unless-failed.ts';
import { augmentTail } from './augment-tail.ts';
import { deeperFailed, describeDeeper, hadNoTimeForDeeper, memoryTooSmall } from './explain-tuning.ts';
import { fineTuneTail, type LeftOut, type TunedTail } from './fine-tune-tail.ts';

/**
 * Trains the tail with its trained head, at a lower learning rate, and interpolates between the weights before and
 * after to the lowest validation loss. At share 0 the plan may keep the frozen backbone. At share 1 it may train the
 * layers below as well.
 */
export async function fineTuneStages(plan: TuningPlan, warm: TrainedHead, context: TrainingContext): Promise<TrainedNetwork> {
  const augmented = await augmentTail(plan, context);
  const tuned = await fineTuneWhatFits(augmented, warm, context);
  const { deeper } = augmented;
  const trained =
    deeper !== undefined && tuned.interpolation?.share === 1
      ? await closeOnFailure(tuned.trained, () => deeperUnlessDiverged(tuned, { ...augmented, ...deeper }, warm, context))
      : tuned.trained;
  return {
    ...trained,
    seconds: warm.seconds + trained.seconds,
    async close() {
      await trained.close();
      await warm.close();
    },
  };
}

/**
 * Fine-tunes by the plan. If strategy `auto` has no time or no memory for it, tries the smaller plan, and otherwise
 * keeps the frozen backbone with its head.
 */
async function fineTuneWhatFits(plan: TuningPlan, warm: TrainedHead, context: TrainingContext): Promise<TunedTail> {
  const tuned = await fineTuneIfItFits('tail', plan, warm, context);
  if (!('leftOut' in tuned)) return tuned;
  const { smaller } = plan;
  if (smaller === undefined) return tuned.leftOut;
  await tuned.leftOut.trained.close();
  const explained = withSentence({ ...plan, ...smaller }, `It was tried instead of ${plan.name}, because ${tuned.why}.`);
  const less = await fineTuneIfItFits('smaller', explained, warm, context);
  const { trained, interpolation } = 'leftOut' in less ? less.leftOut : less;
  return { trained: { ...trained, seconds: tuned.leftOut.trained.seconds + trained.seconds }, interpolation };
}

async function fineTuneIfItFits(
  name: string,
  plan: TuningPlan,
  warm: TrainedHead,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  // A strategy that the user names fails, and the error says how it would fit.
  if (plan.chosenBy === 'user') return fineTuneTail(name, plan, warm, context);
  const seconds = context.work.startTraining();
  const tuned = await unlessOutOfMemory(name, () => fineTuneTail(name, plan, warm, context), context);
  if (tuned !== undefined) return tuned;
  const trained = { ...warm, strategy: memoryTooSmall(plan), seconds: seconds(), close: async () => {} };
  return { leftOut: { trained, interpolation: undefined }, why: 'that did not fit into memory' };
}

function deeperUnlessDiverged(
  top: TunedTail,
  plan: TuningPlan,
  warm: TrainedHead,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const seconds = context.work.startTraining();
  const kept = (why: string): TrainedNetwork => ({
    ...top.trained,
    seconds: top.trained.seconds + seconds(),
    strategy: deeperFailed(top.trained.strategy, plan.cut, `${why}, so the first result was kept`),
  });
  return unlessDiverged('deeper', () => tryDeeper(top, plan, warm, context), kept, context);
}

/**
 * Trains the layers below as well, from the pretrained weights, and keeps the network with the lower validation loss.
 */
async function tryDeeper(top: TunedTail, plan: TuningPlan, warm: TrainedHead, context: TrainingContext): Promise<TrainedNetwork> {
  const ofDeeper = context.work.startTraining();
  const tried = await unlessOutOfMemory('deeper', () => fineTuneTail('deeper', plan, warm, context, top), context);
  const seconds = top.trained.seconds + ofDeeper();
  if (tried !== undefined && 'leftOut' in tried) {
    await tried.leftOut.trained.close();
    return { ...top.trained, seconds, strategy: hadNoTimeForDeeper(top.trained.strategy, plan.cut, tried.why) };
  }
  const deep = tried;
  const better = deep !== undefined && validationLossOf(deep) < validationLossOf(top) ? deep : top;
  const worse = better === top ? deep : top;
  await worse?.trained.close();
  if (worse !== undefined && worse.trained.model !== warm.model) disposeWeights(worse.trained.model);
  const strategy = describeDeeper(better.trained.strategy, plan.cut, {
    top: validationLossOf(top),
    deeper: deep && validationLossOf(deep),
  });
  // The comparison by folds counts both trainings, whichever of them it repeats.
  const timed = tuningTimesOf(better.trained);
  const training = deep && tuningTimesOf(deep.trained)?.training;
  return { ...better.trained, strategy, seconds, ...(timed && training !== undefined && { timed: { ...timed, training } }) };
}

function validationLossOf({ interpolation }: TunedTail): number {
  return interpolation?.losses.get(interpolation.share) ?? Number.POSITIVE_INFINITY;
}
