/** The worker thread of `openWorkerSession`. It loads one model, then runs it on each input in order of arrival. */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../contracts/errors/message-of.ts';
import { importRuntime } from './import-runtime.ts';
import { type LoadedModel, loadOnnx } from './load-onnx.ts';
import type { Placement } from './onnx-session.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const port = parentPort;
if (port !== null) {
  const post = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...transfer]);
  const onPlacement = (placement: Placement): void => post({ kind: 'placed', placement });
  let model: LoadedModel | undefined;

  const open = async ({ source, options }: Extract<ToWorker, { kind: 'open' }>): Promise<void> => {
    try {
      model = await loadOnnx(source, { ...options, onPlacement });
      post({ kind: 'ready', inputs: model.inputs, outputs: model.outputs });
    } catch (cause) {
      post({ kind: 'unreadable', message: messageOf(cause) });
      port.close();
    }
  };

  const run = async ({ id, input, dims, further }: Extract<ToWorker, { kind: 'run' }>): Promise<void> => {
    try {
      if (model === undefined) throw new TypeError('the thread has no model');
      const result = await model.run(input, dims, further);
      const buffers = [result, ...result.further].map(({ data }) => data.buffer);
      post(
        { kind: 'result', id, result },
        buffers.filter((buffer) => buffer instanceof ArrayBuffer),
      );
    } catch (cause) {
      post({ kind: 'failed', id, message: messageOf(cause) });
    }
  };

  const close = async (): Promise<void> => {
    await model?.release();
    port.close();
  };

  let last: Promise<unknown> = Promise.resolve();
  port.on('message', (asked: ToWorker) => {
    last = last.then(() => {
      if (asked.kind === 'open') return open(asked);
      return asked.kind === 'run' ? run(asked) : close();
    });
  });
  // While the session's own thread reads the model. If it fails, opening the model fails again and says why.
  await importRuntime().catch(() => {});
}
