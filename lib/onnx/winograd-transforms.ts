/**
 * Winograd's convolution F(4x4, 3x3) (Lavin & Gray, arXiv:1509.09308, section 4.3): a tile of 4 x 4 outputs takes 36
 * multiplications for each pair of channels instead of 144. The matrices follow from the points at which the method
 * evaluates polynomials (Toom and Cook; Barabasz et al., arXiv:1803.10986, section 3). With the paper's 0, 1, -1, 2, -2,
 * the largest rounding error of 384 channels is four times as large as with these.
 */
import { product } from '../arithmetic.ts';

/** Side of a tile of outputs. */
export const TILE = 4;
/** Side of the window of inputs that a tile needs. */
export const WINDOW = 6;
/** Side of a kernel. */
export const KERNEL = 3;
/** Positions of a window. */
export const POSITIONS = WINDOW ** 2;

/** The points; the last one, for the highest power, is infinite. */
const POINTS = [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2];

const others = POINTS.map((point) => POINTS.filter((other) => other !== point));

/** The papers' matrix of the inputs, B^T, which transforms the rows or the columns of a window: [6, 6]. */
export const inputMatrix = [...others.map((roots) => [...coefficients(roots), 0]), coefficients(POINTS)];
/** The papers' matrix of the kernels, G: [6, 3]. */
export const kernelMatrix = [
  ...POINTS.map((point, i) => {
    const divisor = product((others[i] ?? []).map((other) => point - other));
    return Array.from({ length: KERNEL }, (_, power) => point ** power / divisor);
  }),
  [0, 0, 1],
];
/** The papers' matrix of the outputs, A^T, which transforms the rows or the columns of products to those of a tile: [4, 6]. */
export const outputMatrix = Array.from({ length: TILE }, (_, power) => [
  ...POINTS.map((point) => point ** power),
  power === TILE - 1 ? 1 : 0,
]);

/** Transforms windows, row-major: [36, 36]. */
export const windowTransform = kroneckerSquare(inputMatrix);
/** Transforms kernels, row-major: [36, 9]. */
export const kernelTransform = kroneckerSquare(kernelMatrix);
/** Transforms the products to tiles of outputs, row-major: [16, 36]. */
export const tileTransform = kroneckerSquare(outputMatrix);

/** The coefficients of the polynomial with these roots, that of the lowest power first. */
function coefficients(roots: readonly number[]): number[] {
  return roots.reduce<number[]>(
    (lower, root) => Array.from({ length: lower.length + 1 }, (_, power) => (lower[power - 1] ?? 0) - root * (lower[power] ?? 0)),
    [1],
  );
}

/** The matrix that applies another one to both axes of a square, row-major: its Kronecker product with itself. */
function kroneckerSquare(matrix: readonly (readonly number[])[]): number[] {
  return matrix.flatMap((byRow) => matrix.flatMap((byColumn) => byRow.flatMap((a) => byColumn.map((b) => a * b))));
}
