import { errorJson, NotFoundError } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { readJob } from '../job-store.ts';
import { attemptEnded } from '../track-job.ts';
import { isPartComplete } from './completed-parts.ts';

/**
 * Ends the attempts whose parts are dead letters: their functions died each time. Another attempt computes what is
 * missing. The dead letters stay for inspection.
 * @returns the number of attempts that ended now
 */
export async function failDeadExtractions(world: World): Promise<number> {
  let ended = 0;
  for (const message of (await world.queues.extractions?.deadLetters()) ?? []) {
    if (message.type !== 'extract') continue;
    const { job, attempt, part } = message;
    try {
      const { state, attempt: current } = await readJob(world.store, job);
      if (state !== 'STARTING' || current !== attempt) continue;
      if (part !== undefined && (await isPartComplete(message, part, world.store))) continue;
      await attemptEnded({ job, attempt }, `the functions for part ${part ?? 'plan'} of its features died`, world);
      ended++;
    } catch (error) {
      if (!(error instanceof NotFoundError)) world.log('track.failed', { job, error: errorJson(error) });
    }
  }
  return ended;
}
