import type { Compute, World } from '../ports.ts';
import { claimed, started } from './job-life.ts';
import { changeJob } from './job-store.ts';

/**
 * Takes a submitted job and starts its next attempt. A message that comes twice, or for a job that somebody has or that has ended,
 * does nothing. Dying between claim and start is safe: the lease runs out, and reconcile() sends the job again.
 * @returns the attempt's number, or undefined where there was nothing to start
 */
export async function dispatchJob(id: string, compute: Compute, world: World): Promise<number | undefined> {
  let attempt: number | undefined;
  await changeJob(world.store, id, (job) => {
    const next = claimed(job, world.clock.now());
    attempt = next?.attempt;
    return next;
  });
  if (attempt === undefined) return undefined;
  const mine = attempt;
  const handle = await compute.start({ job: id, attempt: mine });
  await changeJob(world.store, id, (job) => started(job, mine, handle, world.clock.now()));
  world.log('attempt.started', { job: id, attempt: mine, handle });
  return mine;
}
