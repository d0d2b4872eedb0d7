import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * MaxPoolGrad that passes a window's gradient to its first maximum, as TensorFlow does. The backend's own kernel
 * looks for a maximum above zero, so windows without positive values pass no gradient, or pass it to the wrong pixel.
 */
export const maxPoolGrad: WasmKernel = {
  name: tf.MaxPoolGrad,
  run(call) {
    const { backend } = call;
    if (!(backend instanceof BackendWasm)) throw new TypeError('this kernel reads the memory of the WebAssembly backend');
    const [input, dy] = [inputTensor(call, 'input'), inputTensor(call, 'dy')];
    const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
    const { filterSize, strides, pad, dimRoundingMode } = attributesOf<tf.MaxPoolGradAttrs>(call);
    const pool = tf.backend_util.computePool2DInfo(
      [batch, height, width, channels],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const dx = backend.makeOutput(input.shape, 'float32');
    // Views of the backend's memory, valid until its next allocation.
    const gradients = backend.typedArrayFromHeap(dx).fill(0);
    giveToGreatest(backend.typedArrayFromHeap(input), backend.typedArrayFromHeap(dy), gradients, pool);
    return dx;
  },
};

type Numbers = ReturnType<BackendWasm['typedArrayFromHeap']>;

function giveToGreatest(input: Numbers, dy: Numbers, gradients: Numbers, pool: tf.backend_util.Conv2DInfo): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = pool;
  let output = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const rows = inside(row * pool.strideHeight - pool.padInfo.top, pool.filterHeight, inHeight);
      for (let column = 0; column < outWidth; column++) {
        const columns = inside(column * pool.strideWidth - pool.padInfo.left, pool.filterWidth, inWidth);
        for (let channel = 0; channel < inChannels; channel++) {
          const start = image * inHeight * inWidth * inChannels + channel;
          const greatest = firstGreatest(input, start, rows, columns, inWidth * inChannels, inChannels);
          gradients[greatest] = (gradients[greatest] ?? 0) + (dy[output++] ?? 0);
        }
      }
    }
  }
}

/** Returns the part of a window along one axis that is inside the image, as [first pixel, end (exclusive)]. */
function inside(start: number, length: number, size: number): readonly [number, number] {
  return [Math.max(start, 0), Math.min(start + length, size)];
}

type Range = ReturnType<typeof inside>;

function firstGreatest(
  input: Numbers,
  start: number,
  rows: Range,
  columns: Range,
  rowStride: number,
  columnStride: number,
): number {
  let greatest = start + rows[0] * rowStride + columns[0] * columnStride;
  for (let y = rows[0]; y < rows[1]; y++) {
    for (let x = columns[0]; x < columns[1]; x++) {
      const candidate = start + y * rowStride + x * columnStride;
      if ((input[candidate] ?? 0) > (input[greatest] ?? 0)) greatest = candidate;
    }
  }
  return greatest;
}
