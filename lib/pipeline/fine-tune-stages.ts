import { z } from 'zod';
import { CapacityError, errorJson } from '../errors.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { loadComputed, loadOrCompute } from '../jobs/computed-once.ts';
import { deviceError } from '../tensor/device-error.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { isTrainingOutOfMemory } from '../training/out-of-memory.ts';
import { augmentTail } from './augment-tail.ts';
import { epochsOfBegun } from './begun-training.ts';
import { fineTuneTail, type LeftOut, type TunedTail } from './fine-tune-tail.ts';
import type { TrainedNetwork } from './network.ts';
import { startStopwatch } from './stopwatch.ts';
import type { TrainingContext } from './training-context.ts';
import { hadNoTimeForDeeper, memoryTooSmall } from './tuning-limits.ts';
import { describeDeeper } from './weight-interpolation.ts';
import { addSeconds } from './work-log.ts';

/**
 * Trains the tail with its trained head, at a lower learning rate, and interpolates between the weights before and
 * after to the lowest validation loss. At share 0 the plan may keep the frozen backbone. At share 1 it may train the
 * layers below as well.
 */
export async function fineTuneStages(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const augmented = await augmentTail(plan, context);
  const tuned = await fineTuneWhatFits(augmented, warm, context);
  const { deeper } = augmented;
  const trained =
    deeper !== undefined && tuned.interpolation?.share === 1
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
  const explained = { ...smaller, reason: `${smaller.reason} It was tried instead of ${plan.name}, because ${tuned.why}.` };
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
  const time = startStopwatch(context.world.clock);
  const tuned = await unlessOutOfMemory(name, () => fineTuneTail(name, plan, warm, context), context);
  if (tuned !== undefined) return tuned;
  const seconds = { features: 0, train: time.total() };
  const trained = { ...warm, strategy: memoryTooSmall(plan), seconds, close: async () => {} };
  return { leftOut: { trained, interpolation: undefined }, why: 'that did not fit into memory' };
}

/**
 * Trains the layers below as well, from the pretrained weights, and keeps the network with the lower validation loss.
 */
async function tryDeeper(top: TunedTail, plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const tried = await unlessOutOfMemory('deeper', () => fineTuneTail('deeper', plan, warm, context, top.trained.timed), context);
  if (tried !== undefined && 'leftOut' in tried) {
    await tried.leftOut.trained.close();
    return { ...top.trained, strategy: hadNoTimeForDeeper(top.trained.strategy, plan.cut, tried.why) };
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
  const seconds = deep === undefined ? top.trained.seconds : addSeconds(top.trained.seconds, deep.trained.seconds);
  // The comparison by folds counts both trainings, whichever of them it repeats.
  const { timed } = better.trained;
  const training = deep?.trained.timed?.training;
  return { ...better.trained, strategy, seconds, ...(timed && training !== undefined && { timed: { ...timed, training } }) };
}

const OutOfMemory = z.strictObject({ code: z.string() });

/**
 * Runs a fine-tuning. Its timing and its evaluations throw errors of the tensor runtime, which `fit` alone converts.
 * All attempts decide alike: one that did not fit into memory is left out by later attempts, and one that has finished
 * an epoch is not left out any more.
 * @param name of the fine-tuning within the job
 * @returns undefined if there is not enough memory, which the log says in numbers
 * @throws as fineTuneTail; RuntimeError DEVICE_LOST; CapacityError, retryable, if there is not enough memory for a
 *   fine-tuning of which an earlier attempt has finished an epoch
 */
async function unlessOutOfMemory<T>(name: string, train: () => Promise<T>, context: TrainingContext): Promise<T | undefined> {
  const { job, world, part = '' } = context;
  const once = { job, name: `${part}out-of-memory-${name}`, schema: OutOfMemory };
  if ((await loadComputed(once, world.store)) !== undefined) return undefined;
  const finished = (await epochsOfBegun(name, context)) ?? 0;
  try {
    return await train();
  } catch (thrown) {
    const error = deviceError(thrown);
    if (!isTrainingOutOfMemory(error)) throw error;
    world.log('tuning.out-of-memory', { job: job.id, error: errorJson(error) });
    if (finished > 0) throw missesMemory(error);
    await loadOrCompute(once, world.store, async () => ({ code: error.code }));
    return undefined;
  }
}

function missesMemory(error: CapacityError): CapacityError {
  return new CapacityError(error.code, {
    expected: 'the memory that the fine-tuning had in an earlier attempt',
    received: error.received,
    fix: 'free memory, or use a machine with more: the next attempt continues from the checkpoint',
    retryable: true,
    cause: error,
  });
}

function validationLossOf({ interpolation }: TunedTail): number {
  return interpolation?.losses.get(interpolation.share) ?? Number.POSITIVE_INFINITY;
}
