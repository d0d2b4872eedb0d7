/** The worker thread of `openWorkerSession`. It loads one model, then runs it on each input in order of arrival. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModel } from './load-model.ts';
import type { Placement } from './onnx-session.ts';
import { messageOf } from './session-errors.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

const port = parentPort;
if (port !== null) {
  const { source, options }: WorkerStart = workerData;
  const post = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...transfer]);

  const onPlacement = (placement: Placement): void => post({ kind: 'placed', placement });

  const model = await loadModel(source, { ...options, onPlacement }).catch((cause: unknown) => {
    post({ kind: 'unreadable', message: messageOf(cause) });
    return undefined;
  });

  if (model !== undefined) {
    const answer = async (asked: ToWorker): Promise<void> => {
      if (asked.kind === 'close') {
        await model.release();
        port.close();
        return;
      }
      try {
        const result = await model.run(asked.input, asked.dims, asked.further);
        const buffers = [result, ...result.further].map(({ data }) => data.buffer);
        post(
          { kind: 'result', id: asked.id, result },
          buffers.filter((buffer) => buffer instanceof ArrayBuffer),
        );
      } catch (cause) {
        post({ kind: 'failed', id: asked.id, message: messageOf(cause) });
      }
    };

    let last: Promise<unknown> = Promise.resolve();
    port.on('message', (asked: ToWorker) => {
      last = last.then(() => answer(asked));
    });
    post({ kind: 'ready', inputs: model.inputs, outputs: model.outputs });
  }
}
