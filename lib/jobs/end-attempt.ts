import type { AnyJob } from '../contracts/job.ts';
import { CapacityError, errorJson } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { ATTEMPT_NOT_STARTED, unstartedPause, WORKER_STOPPED } from './attempt-limits.ts';
import { readLastLines } from './event-log.ts';
import { changeJob } from './job-store.ts';
import { attemptLost, isCurrent, unstarted, withExtractionSeconds, withKept } from './life-cycle.ts';

interface EndedAttempt {
  readonly stopped?: boolean;
  readonly ran?: boolean;
  readonly kept?: number;
  readonly extractionSeconds?: number | undefined;
  readonly onlyIf?: (current: AnyJob) => boolean;
  readonly stop?: () => Promise<void>;
}

/**
 * Handles the end of an attempt that the compute target reported. If the worker has not recorded an end, another
 * attempt follows.
 * @param stopped whether Graft itself stopped it; then it does not count as lost
 * @param ran whether it may have run; if not, and it has sent no heartbeat, it does not count as lost, and the next one
 * follows after a pause, if the compute target had accepted it
 * @param kept number of results that it kept for later attempts, besides those of its heartbeats
 * @param extractionSeconds that functions have worked for the job until now; known only if it has a limit of cost
 * @param onlyIf whether the attempt has ended by its present record; default: whatever that says
 * @param stop stops the worker of the attempt that this call ended. Called before anything that may fail, which a later
 * call repeats: the record no longer has the handle
 * @returns whether this call ended the attempt
 */
export async function attemptEnded(
  { job: id, attempt }: JobAttempt,
  why: string,
  world: World,
  { stopped = false, ran = true, kept = 0, extractionSeconds, onlyIf = () => true, stop }: EndedAttempt = {},
): Promise<boolean> {
  // The lines only help to find the cause. Without them, too, another attempt must follow.
  const lines = await readLastLines({ job: id, attempt }, world.store).catch((unread: unknown) => {
    world.log('events.unread', { job: id, attempt, error: errorJson(unread) });
    return [];
  });
  const error = { ...(stopped ? workerStopped(why) : workerLost(why)), log: lines };
  const { before, after, isChanged } = await changeJob(world.store, id, (current) => {
    if (!isCurrent(current, attempt) || !onlyIf(current)) return undefined;
    if (!ran && current.state === 'STARTING') return unstarted(current, attempt, notStarted(id, why), world.clock.now());
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
