import { requestCollection } from '../../lib/collection/request-collection.ts';
import { failDeadImports } from '../../lib/datasets/uploads/fail-dead-imports.ts';
import { errorJson } from '../../lib/errors.ts';
import { failDeadJobs } from '../../lib/jobs/fail-dead-jobs.ts';
import { reconcileJobs } from '../../lib/jobs/track-job.ts';
import type { Compute, World } from '../../lib/ports.ts';

/** A job that waits longer than this for a machine gets a second message, in case the first was lost; both are harmless. */
export const STALE_SECONDS = 600;

/**
 * What is done every now and then: ends imports and jobs whose messages failed too often, asks for a garbage collection that is due, and finds jobs that nobody works on. One of them that
 * fails keeps nothing from the others.
 * @returns how many jobs are still to be done
 * @throws as reconcileJobs
 */
export async function runMaintenance(
  compute: Compute,
  world: World,
  { staleSeconds }: { readonly staleSeconds: number },
): Promise<number> {
  const given = [failDeadImports(world), failDeadJobs(world), requestCollection(world)].map((look) =>
    look.catch((error) => world.log('track.failed', { error: errorJson(error) })),
  );
  try {
    return await reconcileJobs(compute, world, { staleSeconds });
  } finally {
    await Promise.all(given);
  }
}
