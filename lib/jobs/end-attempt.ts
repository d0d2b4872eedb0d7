import type { AnyJob } from '../contracts/job.ts';
import { CapacityError, errorJson } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { ATTEMPT_NOT_STARTED, unstartedPause, WORKER_STOPPED } from './attempt-limits.ts';
import { readLastLines } from './event-log.ts';
import { changeJob } from './job-store.ts';
import { attemptLost, isCurrent, unstarted, withExtractionSeconds, withKept } from './life-cycle.ts';

interface EndOptions {
  /**
   * `stopped`: Graft itself stopped it. `unstarted`: it has never run, unless its record has a heartbeat; the next one
   * follows after a pause, if the compute target had accepted it. Neither counts as lost. Default: `lost`.
   */
  readonly countsAs?: 'lost' | 'stopped' | 'unstarted';
  /** Number of results that it kept for later attempts, besides those of its heartbeats. */
  readonly kept?: number;
  /** Seconds that functions have worked for the job until now; known only if it has a limit of cost. */
  readonly extractionSeconds?: number | undefined;
  /** Whether the attempt has ended by its present record; default: whatever that says. */
  readonly onlyIf?: (current: AnyJob) => boolean;
  /**
   * Stops the worker of the attempt that this call ended. It runs before anything that may fail: a later call repeats
   * that, but the record no longer has the handle.
   */
  readonly stop?: () => Promise<void>;
}

/**
 * Ends an attempt that the compute target reported as ended, or whose worker has been silent for too long. If the worker
 * has not recorded an end, another attempt follows.
 * @returns whether this call ended the attempt
 */
export async function endAttempt(
  { job: id, attempt }: JobAttempt,
  why: string,
  world: World,
  { countsAs = 'lost', kept = 0, extractionSeconds, onlyIf = () => true, stop }: EndOptions = {},
): Promise<boolean> {
  // The lines only help to find the cause. Without them, too, another attempt must follow.
  const lines = await readLastLines({ job: id, attempt }, world.store).catch((unread: unknown) => {
    world.log('events.unread', { job: id, attempt, error: errorJson(unread) });
    return [];
  });
  const error = { ...(countsAs === 'stopped' ? workerStopped(why) : workerLost(why)), log: lines };
  const { before, after, isChanged } = await changeJob(id, world.store, (current) => {
    if (!isCurrent(current, attempt) || !onlyIf(current)) return undefined;
    if (countsAs === 'unstarted' && current.state === 'STARTING')
      return unstarted(current, attempt, notStarted(id, why), world.clock.now());
    return attemptLost(withExtractionSeconds(withKept(current, kept), extractionSeconds), attempt, error, world.clock.now());
  });
  if (isChanged) await stop?.();
  // Without a handle, the dispatcher died, and the compute target refused nothing that it may have later.
  const isHandedOver = !isChanged || before.handle !== undefined;
  const waits = isHandedOver && after.error?.code === ATTEMPT_NOT_STARTED;
  await advanceJob(after, world, waits ? unstartedPause(after) : 0);
  return isChanged;
}

function notStarted(at: string, received: string) {
  return errorJson(
    new CapacityError(ATTEMPT_NOT_STARTED, {
      at,
      expected: 'a machine or function that runs the attempt',
      received,
      fix: 'nothing: another attempt follows',
    }),
  );
}

function workerLost(why: string) {
  return {
    code: 'WORKER_LOST',
    message: `The worker ended before the job did: ${why}.`,
    fix: 'nothing: another attempt follows',
  };
}

function workerStopped(why: string) {
  return {
    code: WORKER_STOPPED,
    message: `The worker was stopped before the job ended: ${why}.`,
    fix: 'nothing: another attempt continues where this one stopped',
  };
}
