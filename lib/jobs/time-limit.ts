import { type AnyJob, isTraining } from '../contracts/job.ts';
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
  /**
   * Seconds that all attempts have worked, for the job's record. Undefined without a limit, or if the times of the record
   * tell, because the machine does not sleep.
   */
  workedSeconds(): number | undefined;
  /** The reason why the job must end; undefined while it may continue. */
  reason(): GraftError | undefined;
  /** From now on the job has no limit, also if it has reached one. */
  lift(): void;
}

/** Opens the time limit of a job. */
export function openTimeLimit({ now, awakeSeconds }: Clock): TimeLimit {
  const over = new AbortController();
  let limited: AnyJob | undefined;
  let worked = (): number | undefined => undefined;
  let reason: GraftError | undefined;
  const left = () => limited && timeLeft(limited, now(), worked());
  return {
    begin(job) {
      if (timeLeft(job, now()) === undefined) return;
      limited = job;
      if (awakeSeconds === undefined) return;
      const [before, begun] = [ranSeconds(job, now()), awakeSeconds()];
      worked = () => before + awakeSeconds() - begun;
    },
    signal: over.signal,
    check() {
      reason ??= errorOver(left());
      if (reason !== undefined) over.abort(reason);
    },
    secondsLeft: () => left()?.seconds ?? Number.POSITIVE_INFINITY,
    workedSeconds: () => limited && worked(),
    reason: () => reason,
    lift() {
      limited = undefined;
      reason = undefined;
    },
  };
}

/** The error of a job that has used up its limit; undefined while it may run. */
export function limitReached(job: AnyJob, now: Date): GraftError | undefined {
  return errorOver(timeLeft(job, now));
}

function errorOver(left: RunLimit | undefined): GraftError | undefined {
  return left !== undefined && left.seconds <= 0 ? left.error() : undefined;
}

/**
 * How long a job may still run, all of its attempts counted.
 * @param worked seconds that they have worked; default: as the record says
 * @returns undefined without a limit, and for a job that has recorded its version, which it publishes in any case
 */
export function timeLeft(job: AnyJob, now: Date, worked = ranSeconds(job, now)): RunLimit | undefined {
  if (!isTraining(job) || isPublishing(job)) return undefined;
  const { spec, estimate, extractionSeconds, state, history = [] } = job;
  const ran = history.filter((change) => change.state === 'RUNNING').length;
  // An attempt that waits will start a machine.
  const starts = state === 'RUNNING' ? ran : ran + 1;
  const limit = runLimit(spec.compute, estimate, { extractionSeconds, starts });
  return limit && { ...limit, seconds: limit.seconds - worked };
}

/**
 * Returns the seconds that all attempts of a job have run, including the current one: as its workers have counted them if
 * their machine may sleep, otherwise by the clock.
 */
function ranSeconds(job: AnyJob, now: Date): number {
  if (isTraining(job) && job.workedSeconds !== undefined) return job.workedSeconds;
  const { history = [] } = job;
  return history.reduce((sum, { state, time }, i) => {
    if (state !== 'RUNNING') return sum;
    const until = history[i + 1]?.time;
    return sum + ((until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(time)) / 1000;
  }, 0);
}
