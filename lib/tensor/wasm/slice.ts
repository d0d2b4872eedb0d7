import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * Slice that copies only the selected numbers if they are contiguous, such as a batch of a dataset. The backend's own
 * kernel copies the whole tensor for every slice.
 */
export const slice: WasmKernel = {
  name: tf.Slice,
  run(call, stock) {
    const x = inputTensor(call, 'x');
    const attributes = attributesOf<tf.SliceAttrs>(call);
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(x, attributes.begin, attributes.size);
    const contiguous = tf.slice_util.isSliceContinous(x.shape, begin, size);
    const { backend } = call;
    if (!contiguous || !(backend instanceof BackendWasm) || x.dtype === 'string' || x.size === 0) return stock(call);
    const start = tf.slice_util.computeFlatOffset(begin, tf.util.computeStrides(x.shape));
    const values = backend.readSync(x.dataId, start, start + tf.util.sizeFromShape(size));
    return backend.makeOutput(size, x.dtype, undefined, values);
  },
};
