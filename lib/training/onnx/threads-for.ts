import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { SessionOptions } from '../../onnx/onnx-session.ts';

/** Below so many weights, a step of a head takes less time than to wake threads. */
const SMALL = 500_000;

/** Options of a session: a small head runs in one thread, all else in all threads. */
export function threadsFor(model: LayersModel): Pick<SessionOptions, 'threads'> {
  const isVector = model.inputs[0]?.shape.length === 2;
  return isVector && model.countParams() < SMALL ? { threads: 1 } : {};
}
