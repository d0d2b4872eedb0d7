import type { AnyJob } from '../contracts/job.ts';
import { isTraining } from '../contracts/job.ts';
import type { GraftError } from '../errors.ts';
import { runLimit } from '../estimates/limits.ts';
import type { Clock } from '../ports.ts';

/** Watches the limits of a running job. */
export interface TimeLimit {
  /** Aborted by the first check after the limit. */
  readonly signal: AbortSignal;
  check(): void;
  /** Seconds that the job may still run; infinite without a limit. */
  secondsLeft(): number;
  /** The reason why the job must end; undefined while it may continue. */
  reason(): GraftError | undefined;
}

/**
 * Opens the time limit of a job.
 * @param job as the attempt started it
 */
export function openTimeLimit(job: AnyJob, { now }: Clock): TimeLimit {
  const over = new AbortController();
  const limit = limitOf(job);
  let reason: GraftError | undefined;
  return {
    signal: over.signal,
    check() {
      if (reason !== undefined || limit === undefined || ranSeconds(job, now()) < limit.seconds) return;
      reason = limit.error();
      over.abort(reason);
    },
    secondsLeft: () => (limit === undefined ? Number.POSITIVE_INFINITY : limit.seconds - ranSeconds(job, now())),
    reason: () => reason,
  };
}

/** Returns the seconds that all attempts of a job have run, including the current one. */
function ranSeconds({ history = [] }: AnyJob, now: Date): number {
  return history.reduce((sum, { state, time }, i) => {
    if (state !== 'RUNNING') return sum;
    const until = history[i + 1]?.time;
    return sum + ((until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(time)) / 1000;
  }, 0);
}

function limitOf(job: AnyJob) {
  return isTraining(job) ? runLimit(job.spec.compute, job.estimate, job.extractionSeconds) : undefined;
}
