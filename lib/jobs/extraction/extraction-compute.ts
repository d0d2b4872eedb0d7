import type { Compute, JobQueue } from '../../ports.ts';

/**
 * Runs an attempt that extracts features: its message goes to the functions' queue, which bounds how many work at once.
 * While the queue has messages, the attempt counts as alive: a message either leads to its part or becomes a dead letter.
 */
export function openExtractionCompute(queue: JobQueue): Compute {
  return {
    async start({ job, attempt }) {
      await queue.send({ type: 'extract', job, attempt });
      return `${job}-${attempt}`;
    },
    // Calls notice that their attempt is no longer wanted.
    async stop() {},
    state: async () => ((await queue.size()) > 0 ? 'alive' : 'unknown'),
  };
}
