import { CapacityError, errorJson } from '../errors.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { fineTuneTail, type LeftOut, type TunedTail } from './fine-tune-tail.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';
import { hadNoTimeForDeeper } from './tuning-limits.ts';
import { describeDeeper } from './weight-interpolation.ts';
import { addSeconds } from './work-log.ts';

/** Errors of a training for which the memory of the machine or of its GPU is too small. */
const OUT_OF_MEMORY: ReadonlySet<string> = new Set(['MEMORY_TOO_SMALL', 'DEVICE_OUT_OF_MEMORY']);

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
 * Fine-tunes by the plan. If strategy `auto` has no time or no memory for it, tries the smaller plan, and otherwise
 * keeps the frozen backbone with its head.
 */
async function fineTuneWhatFits(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TunedTail> {
  const tuned = await fineTuneIfItFits('tail', plan, warm, context);
  if (!('leftOut' in tuned)) return tuned;
  const { smaller } = plan;
  if (smaller === undefined) return tuned.leftOut;
  await tuned.leftOut.trained.close();
  const explained = { ...smaller, reason: `${smaller.reason} Instead of ${plan.name}, ${smaller.name} was tried: ${tuned.why}.` };
  const less = await fineTuneIfItFits('smaller', explained, warm, context);
  return 'leftOut' in less ? less.leftOut : less;
}

async function fineTuneIfItFits(
  name: string,
  plan: Plan,
  warm: TrainedNetwork,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  // A strategy that the user names fails, and the error says how it would fit.
  if (!plan.canKeepFrozen) return fineTuneTail(name, plan, warm, context);
  const tuned = await unlessOutOfMemory(() => fineTuneTail(name, plan, warm, context), context);
  if (tuned !== undefined) return tuned;
  const { name: strategy, reason, evidence } = plan;
  const why = 'there was not enough memory';
  const explained = `${reason} Fine-tuning (${strategy}) was left out, because ${why}: all layers stayed frozen.`;
  const trained = {
    ...warm,
    strategy: { name: 'feature-extraction' as const, reason: explained, evidence },
    seconds: { features: 0, train: 0 },
    close: async () => {},
  };
  return { leftOut: { trained, blend: undefined }, why };
}

/**
 * Trains the layers below as well, from the pretrained weights, and keeps the network with the lower validation loss.
 */
async function tryDeeper(top: TunedTail, plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tried = await unlessOutOfMemory(() => fineTuneTail('deeper', plan, warm, context, top.trained.timed), context);
  if (tried !== undefined && 'leftOut' in tried) {
    await tried.leftOut.trained.close();
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

/** @returns undefined if there is not enough memory, which the log says in numbers */
async function unlessOutOfMemory<T>(train: () => Promise<T>, { job, world }: TrainingContext): Promise<T | undefined> {
  try {
    return await train();
  } catch (error) {
    if (!(error instanceof CapacityError) || !OUT_OF_MEMORY.has(error.code)) throw error;
    world.log('tuning.out-of-memory', { job: job.id, error: errorJson(error) });
    return undefined;
  }
}

function lossOf({ blend }: TunedTail): number {
  return blend?.losses.get(blend.share) ?? Number.POSITIVE_INFINITY;
}
