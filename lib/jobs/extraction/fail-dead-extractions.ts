import type { QueueMessage } from '../../contracts/queue-message.ts';
import { errorJson, NotFoundError } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { isPartComplete } from '../../store/parts/completed-parts.ts';
import { readJob } from '../job-store.ts';
import { completeExtractionPart } from './complete-extraction-part.ts';
import { extractionOf } from './extraction-documents.ts';
import { extractionEnded } from './extraction-ended.ts';

/**
 * Ends the attempts whose parts are dead letters: their functions died each time. Another attempt computes what is
 * missing. If the part itself is complete, its last function died before it did the rest, which is done here. The dead
 * letters stay for inspection.
 * @param letters of the queue of functions
 * @returns the number of attempts that ended now
 */
export async function failDeadExtractions(letters: readonly QueueMessage[], world: World): Promise<number> {
  let ended = 0;
  for (const message of letters) {
    if (message.type !== 'extract') continue;
    const { job, attempt, part } = message;
    try {
      const { state, attempt: current } = await readJob(job, world.store);
      if (state !== 'STARTING' || current !== attempt) continue;
      const own = { job, attempt };
      if (part !== undefined && (await isPartComplete(extractionOf(own), part, world.store))) {
        await completeExtractionPart(own, part, world);
        continue;
      }
      await extractionEnded(own, `the functions for part ${part ?? 'plan'} of its features died each time`, world);
      ended++;
    } catch (error) {
      if (!(error instanceof NotFoundError)) world.log('track.failed', { job, error: errorJson(error) });
    }
  }
  return ended;
}
