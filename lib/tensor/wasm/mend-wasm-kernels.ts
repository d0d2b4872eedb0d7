import { batchMatMul } from './batch-mat-mul.ts';
import { registerWasmKernel } from './kernel.ts';

let mended = false;

/** Registers the kernels that the WebAssembly backend lacks, or does badly. The backend must have started. */
export function mendWasmKernels(): void {
  if (mended) return;
  mended = true;
  for (const kernel of [batchMatMul()]) registerWasmKernel(kernel);
}
