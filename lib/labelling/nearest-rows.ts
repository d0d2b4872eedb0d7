import * as tf from '@tensorflow/tfjs-core';
import { at32 } from '../arithmetic.ts';
import { nearestList } from '../training/nearest-list.ts';

/** Rows to compare at once. */
const BLOCK = 256;

/** Images as vectors, one in each row. */
export interface RowVectors {
  readonly count: number;
  readonly width: number;
  /** float32 [count, width] */
  readonly vectors: Float32Array;
}

/** The nearest rows of each row, the nearest first. */
export interface NearestRows {
  /** Neighbours of each row: as many as were asked for, or all others. */
  readonly width: number;
  /** int32 [rows, width]: rows of the space. */
  readonly rows: Int32Array;
  /** float32 [rows, width]: cosine similarities, -1..1. */
  readonly similarities: Float32Array;
}

/**
 * Finds the nearest of some rows by the cosine of their vectors. A row is not its own neighbour. TensorFlow must be
 * started.
 * @param rows, among rows of the space
 * @param most neighbours of each row
 */
export async function nearestRows(
  { vectors, width, count }: RowVectors,
  {
    rows,
    among,
    most,
    yieldToEventLoop,
  }: {
    readonly rows: readonly number[];
    readonly among: readonly number[];
    readonly most: number;
    readonly yieldToEventLoop: () => Promise<void>;
  },
): Promise<NearestRows> {
  const own = new Set(among);
  const k = Math.max(0, Math.min(most, rows.some((row) => own.has(row)) ? among.length - 1 : among.length));
  const nearest = nearestList(rows.length, k);
  const found: NearestRows = { width: k, rows: nearest.others, similarities: nearest.similarities };
  if (k === 0) return found;
  const directions = tf.tidy(() => {
    const all = tf.tensor2d(vectors, [count, width]);
    return tf.div<tf.Tensor2D>(all, tf.add(tf.norm(all, 2, 1, true), 1e-12));
  });
  const references = tf.gather(directions, [...among]);
  try {
    for (let start = 0; start < rows.length; start += BLOCK) {
      const some = rows.slice(start, start + BLOCK);
      const products = tf.tidy(() => tf.matMul(tf.gather(directions, [...some]), references, false, true));
      const similar = await products.data<'float32'>();
      products.dispose();
      for (const [i, row] of some.entries())
        for (const [j, other] of among.entries())
          if (other !== row) nearest.offer(start + i, other, at32(similar, i * among.length + j));
      await yieldToEventLoop();
    }
  } finally {
    tf.dispose([directions, references]);
  }
  return found;
}
