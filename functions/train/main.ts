/**
 * The training entry, in a child process as in the container: runs one attempt of one job, `main.ts JOB ATTEMPT`, or extracts one part of the
 * features that it begins with, `main.ts part JOB ATTEMPT COUNT [INDEX]`, or of those of any trunk, `main.ts features TRUNK DATASET COUNT [INDEX]`.
 */
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import { openWorld } from '../world.ts';
import { extractJobPart } from './extract-job-part.ts';
import { runExtraction } from './extract-part.ts';
import { runJob } from './run-job.ts';

const [job = '', attempt = '', ...others] = process.argv.slice(2);
const world = await openWorld(process.env);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('asked to stop by SIGTERM')));
// Without its data folder, nothing that it does can be found by anybody.
await world.onGone(() => {
  world.log('worker.folder-gone', { job, attempt, effect: 'the worker ends' });
  process.exit(1);
});

if (job === 'part') await extractJobPart([attempt, ...others], process.env, world, stop.signal);
else if (job === 'features') await runExtraction([attempt, ...others], process.env, world, stop.signal);
else await workOnJob({ job, attempt: Number(attempt) }, runJob, world, stop.signal);
// Worker threads and timers of libraries must not keep a finished process alive, and billed.
process.exit(0);
