/** A session's worker that opens as it should and dies of the first run. */
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../../../lib/onnx/worker-messages.ts';

const ready: FromWorker = { kind: 'ready', inputs: [{ name: 'images', shape: ['N', 4, 4, 3] }], outputs: [] };
parentPort?.on('message', ({ kind }: ToWorker) => {
  if (kind === 'run') throw new Error('out of memory');
});
parentPort?.postMessage(ready);
