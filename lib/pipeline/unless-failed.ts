/** Trainings that strategy `auto` can do without. All attempts decide alike: what failed in one is left out by later ones. */
import { z } from 'zod';
import { CapacityError, errorJson } from '../errors.ts';
import { loadComputed, loadOrCompute } from '../jobs/computed-once.ts';
import { deviceError } from '../tensor/device-error.ts';
import { isDivergence } from '../training/divergence.ts';
import { isTrainingOutOfMemory } from '../training/out-of-memory.ts';
import { epochsOfBegun } from './begun-training.ts';
import { oncePerTrial } from './once-per-trial.ts';
import type { TrainingContext } from './training-context.ts';

const Failed = z.strictObject({ code: z.string() });

/**
 * Runs a training unless there is not enough memory for it. Its timing and its evaluations throw errors of the tensor
 * runtime, which `fit` alone converts. A training of which an earlier attempt has finished a part is not left out any more.
 * @param name of the training within the job
 * @param finished the number of parts that earlier attempts have finished; default: the epochs of its checkpoint
 * @returns undefined if there is not enough memory, which the log says in numbers
 * @throws as the training; RuntimeError DEVICE_LOST; CapacityError, retryable, if there is not enough memory for a
 *   training of which an earlier attempt has finished a part
 */
export async function unlessOutOfMemory<T>(
  name: string,
  train: () => Promise<T>,
  context: TrainingContext,
  finished = async (): Promise<number> => (await epochsOfBegun(name, context)) ?? 0,
): Promise<T | undefined> {
  const { job, world } = context;
  const once = oncePerTrial(`out-of-memory-${name}`, Failed, context);
  if ((await loadComputed(once, world.store)) !== undefined) return undefined;
  const parts = await finished();
  try {
    return await train();
  } catch (thrown) {
    const error = deviceError(thrown);
    if (!isTrainingOutOfMemory(error)) throw error;
    world.log('tuning.out-of-memory', { job: job.id, error: errorJson(error) });
    if (parts > 0) throw missesMemory(error);
    await loadOrCompute(once, world.store, async () => ({ code: error.code }));
    return undefined;
  }
}

/**
 * Runs a training unless it diverges.
 * @param name of the training within the job
 * @param otherwise makes the result if it diverges, from what happened: "its loss became infinite or not a number"
 * @throws as the training
 */
export async function unlessDiverged<T>(
  name: string,
  train: () => Promise<T>,
  otherwise: (why: string) => T,
  context: TrainingContext,
): Promise<T> {
  const { job, world } = context;
  const once = oncePerTrial(`diverged-${name}`, Failed, context);
  const earlier = await loadComputed(once, world.store);
  if (earlier !== undefined) return otherwise(describe(earlier.code));
  try {
    return await train();
  } catch (error) {
    if (!isDivergence(error)) throw error;
    world.log('tuning.diverged', { job: job.id, error: errorJson(error) });
    await loadOrCompute(once, world.store, async () => ({ code: error.code }));
    return otherwise(describe(error.code));
  }
}

function describe(code: string): string {
  return `its ${code === 'LOSS_NOT_FINITE' ? 'loss' : 'weights'} became infinite or not a number`;
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
