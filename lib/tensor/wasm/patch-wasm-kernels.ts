import { avgPoolGrad } from './avg-pool-grad.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseConv2dBackpropFilter } from './depthwise-conv2d-backprop-filter.ts';
import { depthwiseConv2dBackpropInput } from './depthwise-conv2d-backprop-input.ts';
import { registerWasmKernel, type WasmKernel } from './kernel.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { samePadding } from './same-padding.ts';
import { slice } from './slice.ts';
import { mean, sum } from './sum-and-mean.ts';
import { tile } from './tile.ts';

/** Missing from the backend. Without these kernels, convolutions cannot be trained. */
const MISSING: readonly WasmKernel[] = [conv2dBackpropFilter, depthwiseConv2dBackpropInput, depthwiseConv2dBackpropFilter];
/** The backend's own kernels give wrong results. */
const WRONG: readonly WasmKernel[] = [avgPoolGrad, maxPoolGrad, ...samePadding];
/** The backend's own kernels are many times slower. */
const SLOW: readonly WasmKernel[] = [batchMatMul, conv2dBackpropInput, slice, sum, mean, tile];

let patched = false;

/**
 * Registers kernels that the WebAssembly backend lacks, or that are wrong or slow in it. Call it after the backend
 * has started.
 */
export function patchWasmKernels(): void {
  if (patched) return;
  patched = true;
  for (const kernel of [...MISSING, ...WRONG, ...SLOW]) registerWasmKernel(kernel);
}
