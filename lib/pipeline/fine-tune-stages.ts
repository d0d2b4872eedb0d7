import { CapacityError } from '../errors.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { fineTuneTail, type TunedTail } from './fine-tune-tail.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';
import { hadNoTimeForDeeper } from './tuning-limits.ts';
import { describeDeeper } from './weight-interpolation.ts';
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
    deeper !== undefined && tuned.blend?.share === 1
      ? await closeOnFailure(tuned.trained, () => tryDeeper(tuned, deeper, warm, context))
      : tuned.trained;
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
  // The comparison by folds counts both trainings, whichever of them it repeats.
  const { timed } = better.trained;
  const training = deep?.trained.timed?.training;
  return { ...better.trained, strategy, seconds, ...(timed && training !== undefined && { timed: { ...timed, training } }) };
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
