/**
 * Winograd's convolution F(4x4, 3x3) (Lavin & Gray, arXiv:1509.09308, section 4.3): a tile of 4 x 4 outputs takes 36
 * multiplications for each pair of channels instead of 144.
 */

/** Side of a tile of outputs. */
export const TILE = 4;
/** Side of the window of inputs that a tile needs. */
export const WINDOW = 6;
/** Positions of a window. */
export const POSITIONS = WINDOW * WINDOW;

/** The paper's matrix of the inputs, B^T. */
const inputMatrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
/** The paper's matrix of the outputs, A^T. */
const outputMatrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** Transforms windows, row-major: [36, 36]. */
export const windowTransform = kroneckerSquare(inputMatrix);
/** Transforms the products to tiles of outputs, row-major: [16, 36]. */
export const tileTransform = kroneckerSquare(outputMatrix);

/** The matrix that applies another one to both axes of a square, row-major: its Kronecker product with itself. */
function kroneckerSquare(matrix: readonly (readonly number[])[]): number[] {
  return matrix.flatMap((byRow) => matrix.flatMap((byColumn) => byRow.flatMap((a) => byColumn.map((b) => a * b))));
}

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
  const product = new Float32Array(WINDOW * 3 * outputs);
  const size = inputs * outputs;
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      const kernel = (output * inputs + input) * 9;
      for (let column = 0; column < 3; column++) {
        const at = kernel + column;
        const to = column * outputs + output;
        writeSix(product, to, 3 * outputs, kernels[at] ?? 0, kernels[at + 3] ?? 0, kernels[at + 6] ?? 0);
      }
    }
    for (let row = 0; row < WINDOW; row++) {
      const from = row * 3 * outputs;
      const to = row * WINDOW * size + input * outputs;
      for (let output = 0; output < outputs; output++) {
        const at = from + output;
        writeSix(transformed, to + output, size, product[at] ?? 0, product[at + outputs] ?? 0, product[at + 2 * outputs] ?? 0);
      }
    }
  }
  return transformed;
}

/** Writes the product of the paper's matrix of the kernels, G, and a vector: six values, `step` apart. */
function writeSix(into: Float32Array, at: number, step: number, first: number, second: number, third: number): void {
  const ends = first + third;
  const weighted = first + 4 * third;
  into[at] = first / 4;
  into[at + step] = (-ends - second) / 6;
  into[at + 2 * step] = (second - ends) / 6;
  into[at + 3 * step] = (weighted + 2 * second) / 24;
  into[at + 4 * step] = (weighted - 2 * second) / 24;
  into[at + 5 * step] = third;
}
