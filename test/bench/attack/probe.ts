import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { HttpAddress } from './raw-request.ts';

const ProbeResult = z.object({
  /** Response time of each request, from the moment when it was due. */
  milliseconds: z.array(z.number()),
  /** Responses other than 200, and missing responses. */
  failures: z.array(z.string()),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

export interface Probe {
  stop(): Promise<ProbeResult>;
}

/** Probes a server continuously from a thread of its own. */
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
