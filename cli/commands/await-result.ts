import type { AnyJob } from '../../lib/contracts/job.ts';
import { RuntimeError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { followJob } from './follow-job.ts';
import { reportUnfinished } from './jobs.ts';

/** A job that succeeded, with its result. */
export type Succeeded<Job extends AnyJob> = Job & { readonly result: NonNullable<Job['result']> };

/** A wait without a result, which has been reported: the exit status of the command. */
export interface WithoutResult {
  readonly status: number;
}

export interface AwaitOptions {
  /** Called when the job has ended, before a failure is reported. */
  readonly onEnd?: (ended: AnyJob) => Promise<void>;
}

/**
 * Follows a new job to its result. Reports why there is none if the user leaves the job with Ctrl-C, or if it fails or is
 * cancelled.
 * @throws as followJob; RuntimeError JOB_WITHOUT_RESULT
 */
export async function awaitResult<Job extends AnyJob>(
  job: Job,
  context: Context,
  output: Output,
  { onEnd }: AwaitOptions = {},
): Promise<Succeeded<Job> | WithoutResult> {
  // Before the progress, so that the id is known whatever ends the command.
  output.note(`${job.id} is submitted.`);
  const ended = await followJob(job, context, output);
  if (ended === undefined) return { status: EXIT.detached };
  await onEnd?.(ended);
  if (ended.state !== 'SUCCEEDED') return { status: reportUnfinished(ended, output) };
  if (hasResultOf(ended, job)) return ended;
  throw new RuntimeError('JOB_WITHOUT_RESULT', {
    at: job.id,
    expected: 'the result of a job that succeeded',
    received: 'none',
    fix: 'run the command again',
  });
}

/** Whether the job that was submitted has a result. By the kind, which cannot change, the compiler knows of what. */
function hasResultOf<Job extends AnyJob>(ended: AnyJob, { kind = 'train' }: Job): ended is Succeeded<Job> {
  return (ended.kind ?? 'train') === kind && ended.result !== undefined;
}
