import { at } from '../../arithmetic.ts';
import { type Float32Factor, factorizeInFloat32 } from './float32-factor.ts';
import { solve, transpose } from './linear-algebra.ts';
import { packedSize } from './packed-gram.ts';

/** The largest matrix that is factorized in float64: about a second. */
const MOST_DIRECT = 1500;
/** Residual that ends the iteration, as a share of the right side. */
const TOLERANCE = 1e-10;
const MOST_STEPS = 60;
/** Added to the diagonal, which is 1, before the factorization in float32; more if that is not enough. */
const ADDED = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/**
 * Solves `matrix * X = right` in float64.
 * @param packed lower triangle of a positive definite matrix, packed row by row; its elements are changed
 * @param right [size, columns]
 * @returns [size, columns]
 */
export async function solvePacked(
  packed: Float64Array,
  right: Float64Array,
  columns: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Float64Array> {
  const size = right.length / columns;
  if (size <= MOST_DIRECT) return solve(unpack(packed, size), right, columns, yieldToEventLoop);
  return solveByGradients(packed, right, columns, yieldToEventLoop);
}

/**
 * Solves a large system, as `solvePacked` does, by conjugate gradients in float64. A factor in float32 reduces the
 * number of steps to about ten (Higham & Mary, _Mixed precision algorithms in numerical linear algebra_, 2022). If the
 * steps do not converge, the factor in float64 solves the system.
 */
export async function solveByGradients(
  packed: Float64Array,
  right: Float64Array,
  columns: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Float64Array> {
  const size = right.length / columns;
  const scale = Float64Array.from({ length: size }, (_, i) => 1 / Math.sqrt(at(packed, packedSize(i) + i)));
  for (let row = 0, i = 0; row < size; row++)
    for (let column = 0; column <= row; column++, i++) packed[i] = at(packed, i) * at(scale, row) * at(scale, column);
  const scaled = right.map((value, i) => value * at(scale, Math.floor(i / columns)));
  const factor = await openFactor(packed, size, yieldToEventLoop);
  const found = await iterate(packed, transpose(scaled, size), columns, factor, yieldToEventLoop);
  const solution =
    found === undefined ? await solve(unpack(packed, size), scaled, columns, yieldToEventLoop) : transpose(found, columns);
  return solution.map((value, i) => value * at(scale, Math.floor(i / columns)));
}

function unpack(packed: Float64Array, size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) matrix.set(packed.subarray(packedSize(row), packedSize(row + 1)), row * size);
  return matrix;
}

async function openFactor(packed: Float64Array, size: number, yieldToEventLoop: () => Promise<void>) {
  for (const added of ADDED) {
    const factor = await factorizeInFloat32(packed, size, added, yieldToEventLoop);
    if (factor !== undefined) return factor;
  }
  return undefined;
}

/**
 * Preconditioned conjugate gradients for several right sides at once. Their updates are those of the flexible variant
 * (Notay, 2000), because rounding makes the preconditioner slightly nonlinear.
 * @param right [columns, size]
 * @returns [columns, size]; undefined if the steps do not suffice
 */
async function iterate(
  packed: Float64Array,
  right: Float64Array,
  columns: number,
  factor: Float32Factor | undefined,
  yieldToEventLoop: () => Promise<void>,
): Promise<Float64Array | undefined> {
  const size = right.length / columns;
  const solution = new Float64Array(right.length);
  const residual = right.slice();
  const norms = dotsOf(right, right, columns).map((square) => square * TOLERANCE ** 2);
  let preconditioned = await divide(residual, columns, factor);
  const direction = preconditioned.slice();
  let energy = dotsOf(residual, preconditioned, columns);
  for (let step = 0; step < MOST_STEPS; step++) {
    await yieldToEventLoop();
    const image = multiply(packed, direction, columns);
    const curvature = dotsOf(direction, image, columns);
    const length = energy.map((value, c) => (at(curvature, c) > 0 ? value / at(curvature, c) : 0));
    for (let i = 0; i < right.length; i++) {
      const c = Math.floor(i / size);
      solution[i] = at(solution, i) + at(length, c) * at(direction, i);
      residual[i] = at(residual, i) - at(length, c) * at(image, i);
    }
    if (dotsOf(residual, residual, columns).every((square, c) => square <= at(norms, c))) return solution;
    preconditioned = await divide(residual, columns, factor);
    // The residual moved by -length * image.
    const moved = dotsOf(image, preconditioned, columns);
    const share = energy.map((value, c) => (value > 0 ? (-at(length, c) * at(moved, c)) / value : 0));
    energy = dotsOf(residual, preconditioned, columns);
    for (let i = 0; i < right.length; i++)
      direction[i] = at(preconditioned, i) + at(share, Math.floor(i / size)) * at(direction, i);
  }
  return undefined;
}

/** Returns the dot product of each row of `a` with the same row of `b`, [rows]. */
function dotsOf(a: Float64Array, b: Float64Array, rows: number): Float64Array {
  const size = a.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let total = 0;
    for (let i = row * size; i < (row + 1) * size; i++) total += at(a, i) * at(b, i);
    return total;
  });
}

async function divide(values: Float64Array, columns: number, factor: Float32Factor | undefined): Promise<Float64Array> {
  if (factor === undefined) return values.slice();
  const size = values.length / columns;
  const right = Float32Array.from(transpose(values, columns));
  return transpose(await factor.solve({ values: right, rows: size }), size);
}

/** Multiplies a symmetric matrix by vectors. @param vectors [rows, size] @returns [rows, size] */
function multiply(packed: Float64Array, vectors: Float64Array, rows: number): Float64Array {
  const size = vectors.length / rows;
  const products = new Float64Array(vectors.length);
  for (let i = 0; i < size; i++) {
    const from = packedSize(i);
    for (let start = 0; start < vectors.length; start += size) {
      const own = at(vectors, start + i);
      let total = at(packed, from + i) * own;
      for (let j = 0; j < i; j++) {
        const element = at(packed, from + j);
        total += element * at(vectors, start + j);
        products[start + j] = at(products, start + j) + element * own;
      }
      products[start + i] = at(products, start + i) + total;
    }
  }
  return products;
}
