import type { AnyJob } from '../contracts/job.ts';
import { isTraining } from '../contracts/job.ts';
import type { GraftError } from '../errors.ts';
import { type RunLimit, runLimit } from '../estimates/limits.ts';
import type { Clock } from '../ports.ts';
import { isPublishing } from './attempt-limits.ts';

/** Watches the limits of a running job. */
export interface TimeLimit {
  /** Begins to watch. @param job as the attempt started it */
  begin(job: AnyJob): void;
  /** Aborted by the first check after the limit. */
  readonly signal: AbortSignal;
  check(): void;
  /** Seconds that the job may still run; infinite without a limit. */
  secondsLeft(): number;
  /** The reason why the job must end; undefined while it may continue. */
  reason(): GraftError | undefined;
  /** From now on the job has no limit, also if it has reached one. */
  lift(): void;
}

/** Opens the time limit of a job. */
export function openTimeLimit({ now }: Clock): TimeLimit {
  const over = new AbortController();
  let limited: AnyJob | undefined;
  let reason: GraftError | undefined;
  return {
    begin(job) {
      limited = job;
    },
    signal: over.signal,
    check() {
      reason ??= limited && limitReached(limited, now());
      if (reason !== undefined) over.abort(reason);
    },
    secondsLeft: () => (limited && timeLeft(limited, now()))?.seconds ?? Number.POSITIVE_INFINITY,
    reason: () => reason,
    lift() {
      limited = undefined;
      reason = undefined;
    },
  };
}

/** The error of a job that has used up its limit; undefined while it may run. */
export function limitReached(job: AnyJob, now: Date): GraftError | undefined {
  const left = timeLeft(job, now);
  return left !== undefined && left.seconds <= 0 ? left.error() : undefined;
}

/**
 * How long a job may still run, all of its attempts counted.
 * @returns undefined without a limit, and for a job that has recorded its version, which it publishes in any case
 */
export function timeLeft(job: AnyJob, now: Date): RunLimit | undefined {
  if (!isTraining(job) || isPublishing(job)) return undefined;
  const { spec, estimate, extractionSeconds, state, history = [] } = job;
  const ran = history.filter((change) => change.state === 'RUNNING').length;
  // An attempt that waits will start a machine.
  const starts = state === 'RUNNING' ? ran : ran + 1;
  const limit = runLimit(spec.compute, estimate, { extractionSeconds, starts });
  return limit && { ...limit, seconds: limit.seconds - ranSeconds(job, now) };
}

/** Returns the seconds that all attempts of a job have run, including the current one. */
function ranSeconds({ history = [] }: AnyJob, now: Date): number {
  return history.reduce((sum, { state, time }, i) => {
    if (state !== 'RUNNING') return sum;
    const until = history[i + 1]?.time;
    return sum + ((until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(time)) / 1000;
  }, 0);
}
