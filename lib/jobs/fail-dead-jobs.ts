import { errorJson, NotFoundError, RuntimeError } from '../errors.ts';
import type { World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { changeJob } from './job-store.ts';
import { dispatchFailed } from './life-cycle.ts';

/**
 * Fails the jobs whose messages are dead letters, because dispatching them failed every time, or no function was free for
 * hours. The dead letters stay for
 * inspection. `graft retry` makes a new job of each. An unreadable record is left to the next call.
 * @returns the number of failed jobs
 */
export async function failDeadJobs(world: World): Promise<number> {
  let ended = 0;
  for (const message of await world.queues.trainings.deadLetters()) {
    if (message.type === 'train' && (await failDeadJob(message.job, message.attempts ?? 0, world))) ended++;
  }
  return ended;
}

/**
 * Fails the job of one dead letter.
 * @returns whether the job failed now
 */
async function failDeadJob(id: string, attempts: number, world: World): Promise<boolean> {
  try {
    const { after, isChanged } = await changeJob(id, world.store, (job) =>
      dispatchFailed(job, attempts, errorJson(dispatchExhausted(id)), world.clock.now()),
    );
    if (isChanged) await advanceJob(after, world);
    return isChanged;
  } catch (error) {
    if (!(error instanceof NotFoundError)) world.log('track.failed', { job: id, error: errorJson(error) });
    return false;
  }
}

function dispatchExhausted(id: string): RuntimeError {
  return new RuntimeError('DISPATCH_RETRIES_EXHAUSTED', {
    at: id,
    expected: 'a job that starts',
    received: 'one whose message failed, or found no free function, each time it was delivered',
    fix:
      'read the log of the dispatch function and fix the cause; if the log does not name the job, the account had no free ' +
      `function: graft doctor says how to get more; then graft retry ${id}`,
  });
}
