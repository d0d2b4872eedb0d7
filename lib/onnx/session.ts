import { loadOnnx } from './load-onnx.ts';
import type { OnnxSession, SessionOptions } from './onnx-session.ts';
import { checkInput, modelUnreadable, runFailed, sessionClosed } from './session-errors.ts';

/**
 * Opens a model in this thread, which blocks while the model computes. Use it in jobs and scripts; servers use
 * `openWorkerSession` instead.
 * @param source the model's bytes, or the path of its file
 * @throws DataError ONNX_UNREADABLE
 * @example
 * ```ts
 * const session = await openSession('model.onnx', { threads: 2 });
 * const probabilities = await session.run(pixels, [1, 224, 224, 3]);
 * await session.close();
 * ```
 */
export async function openSession(source: Uint8Array | string, options: SessionOptions = {}): Promise<OnnxSession> {
  const model = await loadOnnx(source, options).catch((cause: unknown) => {
    throw modelUnreadable(cause);
  });
  let closing: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    inputs: model.inputs,
    outputs: model.outputs,
    async run(input, dims, further) {
      if (closing !== undefined) throw sessionClosed();
      checkInput(model.inputs[0], input, dims);
      const result = last.then(() => model.run(input, dims, further)).catch((cause: unknown) => Promise.reject(runFailed(cause)));
      last = result.catch(() => {});
      return result;
    },
    close() {
      closing ??= last.then(() => model.release());
      return closing;
    },
  };
}
