/**
 * The training entry, in a child process and in the container. `main.ts JOB ATTEMPT` runs one attempt of a job;
 * `main.ts part JOB ATTEMPT COUNT [INDEX]` extracts one part of the features that it starts with.
 */
import { extractJobPart } from './extract-job-part.ts';
import { openAttemptWorld, runAttempt } from './run-attempt.ts';

const [job = '', attempt = '', ...others] = process.argv.slice(2);
if (job === 'part') {
  const { world, stop } = await openAttemptWorld({ job, attempt });
  await extractJobPart([attempt, ...others], process.env, world, stop);
} else await runAttempt({ job, attempt: Number(attempt) });
// Worker threads and timers of libraries must not keep a finished process running, which costs money.
process.exit(0);
