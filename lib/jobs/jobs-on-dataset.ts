import { referencedName } from '../contracts/reference.ts';
import { ConflictError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { unfinishedJobs } from './unfinished-jobs.ts';

/**
 * Checks that no unfinished job uses a data set.
 * @throws ConflictError DATASET_IN_USE if one does
 */
export async function requireNoJobOn(dataset: string, store: ObjectStore): Promise<void> {
  const name = referencedName(dataset);
  for await (const job of unfinishedJobs(store)) {
    if (referencedName(job.spec.dataset ?? '') !== name) continue;
    throw new ConflictError('DATASET_IN_USE', {
      at: dataset,
      expected: 'a data set that no job uses',
      received: job.id,
      fix: `wait until it ends, or cancel it with graft cancel ${job.id}`,
    });
  }
}
