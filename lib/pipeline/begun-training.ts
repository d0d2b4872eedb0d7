import { finishedEpochs } from '../training/checkpoints/checkpoint.ts';
import { trialCheckpoints } from './once-per-trial.ts';
import type { TrainingContext } from './training-context.ts';

/**
 * The finished epochs of a training that earlier attempts have begun; of its first phase, if it has several.
 * @param name of the training within the job
 * @returns undefined if there is no checkpoint of it
 * @throws DataError SAFETENSORS_DAMAGED
 */
export async function epochsOfBegun(name: string, context: TrainingContext): Promise<number | undefined> {
  const checkpoint = await trialCheckpoints(name, context).load();
  return checkpoint && finishedEpochs(checkpoint);
}
