/**
 * The training entry, in a child process and in the container. `main.ts JOB ATTEMPT` runs one attempt of a job;
 * `main.ts part JOB ATTEMPT COUNT [INDEX]` extracts one part of the features that it starts with.
 */
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import type { JobAttempt } from '../../lib/ports.ts';
import { openWorld, outliveFullLog } from '../world.ts';
import { extractJobPart } from './extract-job-part.ts';
import { profiled, profileName } from './profile-attempt.ts';
import { runJob } from './run-job.ts';

const [job = '', attempt = '', ...others] = process.argv.slice(2);
outliveFullLog();
const world = await openWorld(process.env);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('asked to stop by SIGTERM')));
// Without the data folder, nobody can find the results of this process.
await world.onGone(() => {
  world.log('worker.folder-gone', { job, attempt, effect: 'the worker ends' });
  process.exit(1);
});

if (job === 'part') await extractJobPart([attempt, ...others], process.env, world, stop.signal);
else await work({ job, attempt: Number(attempt) });
// Worker threads and timers of libraries must not keep a finished process running, which costs money.
process.exit(0);

/** Runs the attempt. GRAFT_PROFILE names a folder for a profile of it. */
async function work(asked: JobAttempt): Promise<void> {
  const { GRAFT_PROFILE: folder } = process.env;
  if (!folder) {
    await workOnJob(asked, runJob, world, stop.signal);
    return;
  }
  const { withAttemptProfile } = await import('./with-attempt-profile.ts');
  await withAttemptProfile(
    folder,
    profileName(asked),
    async (profile) => {
      await workOnJob(asked, profile === undefined ? runJob : profiled(runJob, profile), world, stop.signal);
    },
    world.log,
  );
}
