import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrainingContext } from './training-context.ts';

/**
 * For computations that block the thread for seconds at a time: in between, the job renews its lease and can be stopped.
 * @throws the signal's reason if the job is stopped
 */
export async function yieldToEventLoop({ jobContext }: Pick<TrainingContext, 'jobContext'>): Promise<void> {
  await nextTurn();
  await jobContext.flush();
  jobContext.signal.throwIfAborted();
}
