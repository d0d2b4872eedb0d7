import * as tf from '@tensorflow/tfjs-core';
import { at } from '../../arithmetic.ts';
import { factorize, invertFactor } from './linear-algebra.ts';
import { packedSize } from './packed-gram.ts';

/** Columns that are factorized at once. */
const BLOCK = 256;

/** An approximate Cholesky factor in float32 on the tensor runtime. */
export interface Float32Factor {
  /** Divides by the matrix, approximately. @param right float32 [size, columns] @returns the same shape */
  solve(right: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

/** Some columns of the factor. */
interface FactorBlock {
  readonly start: number;
  readonly columns: number;
  /** [columns, columns]: the inverse of the factor's block on the diagonal. */
  readonly inverse: tf.Tensor2D;
  /** [rows, columns]: the factor below that block. */
  readonly below: tf.Tensor2D;
}

/**
 * Factorizes a matrix in float32, block column by block column, with matrix products on the tensor runtime: about ten
 * times as fast as in float64.
 * @param packed lower triangle, packed row by row
 * @param added to the diagonal, so that rounding does not make the matrix indefinite
 * @returns undefined if the matrix is indefinite in float32 nevertheless
 */
export async function factorizeInFloat32(
  packed: Float64Array,
  size: number,
  added: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Float32Factor | undefined> {
  const blocks: FactorBlock[] = [];
  const dispose = () => tf.dispose(blocks.flatMap(({ inverse, below }) => [inverse, below]));
  try {
    for (let start = 0; start < size; start += BLOCK) {
      await yieldToEventLoop();
      const columns = Math.min(BLOCK, size - start);
      const panel = tf.tidy(() => subtractBlocks(panelOf(packed, size, start, columns, added), start, columns, blocks));
      const diagonal = Float64Array.from(panel.dataSync<'float32'>().subarray(0, columns * columns));
      // Without a pause, in which the job may be stopped: the panel would remain.
      await factorize(diagonal, columns, withoutPause);
      const inverse = Float32Array.from(await invertFactor(diagonal, columns, withoutPause));
      if (!inverse.every(Number.isFinite)) {
        panel.dispose();
        dispose();
        return undefined;
      }
      const inverseTensor = tf.tensor2d(inverse, [columns, columns]);
      const below = tf.tidy(() => belowDiagonal(panel, inverseTensor));
      panel.dispose();
      blocks.push({ start, columns, inverse: inverseTensor, below });
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { solve: (right) => tf.tidy(() => substitute(blocks, right)), dispose };
}

const withoutPause = async (): Promise<void> => {};

/** Returns the factor below its block on the diagonal. */
function belowDiagonal(panel: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = [panel.shape[0] - inverse.shape[0], inverse.shape[0]];
  // XNNPACK does not multiply matrices without rows.
  if (rows === 0) return tf.zeros([rows, columns]);
  return tf.matMul(tf.slice2d(panel, [columns, 0], [rows, columns]), inverse, false, true);
}

/** Returns rows from `start` of some columns of the lower triangle, float32 [size - start, columns]. */
function panelOf(packed: Float64Array, size: number, start: number, columns: number, added: number): tf.Tensor2D {
  const values = new Float32Array((size - start) * columns);
  for (let row = start, i = 0; row < size; row++, i += columns) {
    const from = packedSize(row) + start;
    for (let column = 0; column < Math.min(columns, row - start + 1); column++) values[i + column] = at(packed, from + column);
    if (row < start + columns) values[i + row - start] = at(packed, from + row - start) + added;
  }
  return tf.tensor2d(values, [size - start, columns]);
}

/** Subtracts the products of the columns before. */
function subtractBlocks(panel: tf.Tensor2D, start: number, columns: number, blocks: readonly FactorBlock[]): tf.Tensor2D {
  return blocks.reduce(
    (rest, { start: before, columns: own, below }) =>
      tf.tidy(() => {
        const rows = tf.slice2d(below, [start - before - own, 0], [panel.shape[0], own]);
        return tf.sub<tf.Tensor2D>(rest, tf.matMul(rows, tf.slice2d(rows, [0, 0], [columns, own]), false, true));
      }),
    panel,
  );
}

function substitute(blocks: readonly FactorBlock[], right: tf.Tensor2D): tf.Tensor2D {
  let rest = right;
  const forward = blocks.map(({ columns, inverse, below }) => {
    const own = tf.matMul<tf.Tensor2D>(inverse, tf.slice2d(rest, [0, 0], [columns, right.shape[1]]));
    const others = tf.slice2d(rest, [columns, 0], [rest.shape[0] - columns, right.shape[1]]);
    rest = below.shape[0] === 0 ? others : tf.sub(others, tf.matMul(below, own));
    return own;
  });
  let solved: tf.Tensor2D | undefined;
  for (const [i, { inverse, below }] of [...blocks.entries()].reverse()) {
    const own = forward[i] ?? right;
    const left = solved === undefined ? own : tf.sub<tf.Tensor2D>(own, tf.matMul(below, solved, true, false));
    const part = tf.matMul<tf.Tensor2D>(inverse, left, true, false);
    solved = solved === undefined ? part : tf.concat2d([part, solved], 0);
  }
  return solved ?? right;
}
