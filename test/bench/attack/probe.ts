import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { HttpAddress } from './raw-request.ts';

const ProbeResult = z.object({
  /** Of each question, from the moment when it was due. */
  milliseconds: z.array(z.number()),
  /** Answers that were not 200, and none at all. */
  failures: z.array(z.string()),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

export interface Probe {
  stop(): Promise<ProbeResult>;
}

/** Asks a server whether it answers, all the time, from a thread of its own. */
export function startProbe({ host, port }: HttpAddress): Probe {
  const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), { workerData: { host, port } });
  return {
    async stop() {
      worker.postMessage('stop');
      const [result] = await once(worker, 'message');
      await worker.terminate();
      return ProbeResult.parse(result);
    },
  };
}
