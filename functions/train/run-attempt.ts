import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import type { JobAttempt } from '../../lib/ports.ts';
import { type OpenWorld, openWorld, outliveFullLog } from '../world.ts';
import { profiled, profileName } from './profile-attempt.ts';
import { runJob } from './run-job.ts';

/** Runs an attempt of a job in this process, which is only for it. GRAFT_PROFILE names a folder for a profile of it. */
export async function runAttempt(asked: JobAttempt): Promise<void> {
  const { world, stop } = await openAttemptWorld(asked);
  const { GRAFT_PROFILE: folder } = process.env;
  if (!folder) {
    await workOnJob(asked, runJob, world, stop);
    return;
  }
  const { withAttemptProfile } = await import('./with-attempt-profile.ts');
  await withAttemptProfile(
    folder,
    profileName(asked),
    async (profile) => {
      await workOnJob(asked, profile === undefined ? runJob : profiled(runJob, profile), world, stop);
    },
    world.log,
  );
}

/**
 * Opens the world of a process that works on an attempt. The process ends if its data folder is deleted.
 * @returns `stop` is aborted by SIGTERM
 */
export async function openAttemptWorld(
  asked: Readonly<Record<keyof JobAttempt, string | number>>,
): Promise<{ readonly world: OpenWorld; readonly stop: AbortSignal }> {
  outliveFullLog();
  const world = await openWorld(process.env);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort(new Error('asked to stop by SIGTERM')));
  // Without the data folder, nobody can find the results of this process.
  await world.onGone(() => {
    world.log('worker.folder-gone', { ...asked, effect: 'the worker ends' });
    process.exit(1);
  });
  return { world, stop: stop.signal };
}
