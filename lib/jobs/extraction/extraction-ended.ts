import { isTraining } from '../../contracts/job.ts';
import type { JobAttempt, World } from '../../ports.ts';
import { endAttempt } from '../end-attempt.ts';
import { readJob } from '../job-store.ts';
import { usedSeconds } from './allowed-seconds.ts';
import { extractionOf } from './extraction-documents.ts';

/** Ends an attempt whose functions cannot complete a part. It does not count as lost if they completed another one. */
export async function extractionEnded(own: JobAttempt, why: string, world: World): Promise<void> {
  const { objects } = await world.store.list(extractionOf(own).donePrefix, { limit: 1 });
  const job = await readJob(own.job, world.store);
  const extractionSeconds = isTraining(job) ? await usedSeconds(own, job, world) : undefined;
  await endAttempt(own, why, world, { kept: objects.length, extractionSeconds });
}
