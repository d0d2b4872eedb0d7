import { requestCollection } from '../../lib/collection/request-collection.ts';
import { completeDeadParts } from '../../lib/datasets/spread/complete-dead-parts.ts';
import { failDeadImports } from '../../lib/datasets/uploads/fail-dead-imports.ts';
import { resendLostImports } from '../../lib/datasets/uploads/running-imports.ts';
import { errorJson } from '../../lib/errors.ts';
import { failDeadExtractions } from '../../lib/jobs/extraction/fail-dead-extractions.ts';
import { failDeadJobs } from '../../lib/jobs/fail-dead-jobs.ts';
import { reconcileJobs } from '../../lib/jobs/reconcile-jobs.ts';
import type { Compute, World } from '../../lib/ports.ts';

/**
 * Regular maintenance: fails imports and jobs whose messages failed too often, ends attempts whose parts did, goes on
 * with imports whose parts did or whose messages may be lost, starts a garbage collection that is due, and finds jobs
 * without a worker. A failure of one step does not stop the others.
 * @throws as reconcileJobs
 */
export async function runMaintenance(
  compute: Compute,
  world: World,
  { staleSeconds }: { readonly staleSeconds: number },
): Promise<void> {
  const steps: readonly ((world: World) => Promise<unknown>)[] = [
    failDeadImports,
    failDeadJobs,
    handleDeadParts,
    resendLostImports,
    requestCollection,
  ];
  const given = steps.map((step) => step(world).catch((error) => world.log('track.failed', { error: errorJson(error) })));
  try {
    await reconcileJobs(compute, world, { staleSeconds });
  } finally {
    await Promise.all(given);
  }
}

/** Reads the dead letters of parts once: SQS hides them from a second reader for a while. */
async function handleDeadParts(world: World): Promise<void> {
  const letters = (await world.queues.extractions?.deadLetters()) ?? [];
  await failDeadExtractions(letters, world);
  await completeDeadParts(letters, world);
}
