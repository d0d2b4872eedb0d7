import type { JobAttempt, World } from '../../ports.ts';
import { attemptEnded } from '../track-job.ts';
import { extractionOf } from './extraction-documents.ts';

/** Ends an attempt whose functions cannot complete a part. It does not count as lost if they completed another one. */
export async function extractionEnded(own: JobAttempt, why: string, world: World): Promise<void> {
  const { objects } = await world.store.list(extractionOf(own).donePrefix, { limit: 1 });
  await attemptEnded(own, why, world, { kept: objects.length });
}
