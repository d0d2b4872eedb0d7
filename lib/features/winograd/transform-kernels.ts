import { KERNEL, kernelMatrix, POSITIONS, WINDOW } from '../../onnx/winograd-transforms.ts';

/**
 * Transforms kernels, G g G^T.
 * @param kernels [outputs, inputs, 3, 3]
 * @returns [36, inputs, outputs]
 */
export function transformKernels(
  kernels: Float32Array,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): Float32Array {
  const transformed = new Float32Array(POSITIONS * inputs * outputs);
  // G g of one input channel, [6, 3, outputs].
  const product = new Float32Array(WINDOW * KERNEL * outputs);
  const size = inputs * outputs;
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      const kernel = (output * inputs + input) * KERNEL ** 2;
      for (let column = 0; column < KERNEL; column++) {
        const at = kernel + column;
        const to = column * outputs + output;
        writeSix(product, to, KERNEL * outputs, kernels[at] ?? 0, kernels[at + 3] ?? 0, kernels[at + 6] ?? 0);
      }
    }
    for (let row = 0; row < WINDOW; row++) {
      const from = row * KERNEL * outputs;
      const to = row * WINDOW * size + input * outputs;
      for (let output = 0; output < outputs; output++) {
        const at = from + output;
        writeSix(transformed, to + output, size, product[at] ?? 0, product[at + outputs] ?? 0, product[at + 2 * outputs] ?? 0);
      }
    }
  }
  return transformed;
}

/** G, row by row. */
const flatMatrix = Float64Array.from(kernelMatrix.flat());

/** Writes the product of G and a vector: six values, `step` apart. */
function writeSix(into: Float32Array, at: number, step: number, first: number, second: number, third: number): void {
  for (let row = 0; row < WINDOW; row++) {
    const g = KERNEL * row;
    into[at + row * step] = (flatMatrix[g] ?? 0) * first + (flatMatrix[g + 1] ?? 0) * second + (flatMatrix[g + 2] ?? 0) * third;
  }
}
