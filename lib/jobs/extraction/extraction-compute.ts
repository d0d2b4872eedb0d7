import type { Compute, JobAttempt, World } from '../../ports.ts';
import { sendExtractionPart } from './complete-extraction-part.ts';
import { resendLost } from './resend-lost.ts';

/**
 * Runs an attempt that extracts features: its message goes to the functions' queue, which bounds how many work at once.
 * The attempt counts as alive until a function ends it: a message either leads to its part, or becomes a dead letter, or
 * is lost and sent again.
 */
export function openExtractionCompute(world: World): Compute {
  return {
    async start({ job, attempt }) {
      await sendExtractionPart({ job, attempt }, 'plan', world);
      return `${job}-${attempt}`;
    },
    // Calls notice that their attempt is no longer wanted.
    async stop() {},
    state: async () => 'alive',
    resend: (handle, sentAt) => resendLost(attemptOf(handle), sentAt, world),
  };
}

function attemptOf(handle: string): JobAttempt {
  const end = handle.lastIndexOf('-');
  return { job: handle.slice(0, end), attempt: Number(handle.slice(end + 1)) };
}
