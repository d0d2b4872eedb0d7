import * as tf from '@tensorflow/tfjs-core';
import { at } from '../../arithmetic.ts';
import type { FeatureSpace } from './feature-space.ts';

/** Rows to compare at once. */
const BLOCK = 256;

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
  { vectors, width, count }: Pick<FeatureSpace, 'vectors' | 'width' | 'count'>,
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
  const found: NearestRows = {
    width: k,
    rows: new Int32Array(rows.length * k),
    similarities: new Float32Array(rows.length * k).fill(Number.NEGATIVE_INFINITY),
  };
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
        keepNearest(found, start + i, row, among, similar.subarray(i * among.length, (i + 1) * among.length));
      await yieldToEventLoop();
    }
  } finally {
    tf.dispose([directions, references]);
  }
  return found;
}

/** Inserts the nearest rows of one row in order; among equally similar ones, those that come first. */
function keepNearest(
  { rows, similarities, width }: NearestRows,
  place: number,
  row: number,
  among: readonly number[],
  similar: Float32Array,
): void {
  const [first, last] = [place * width, (place + 1) * width - 1];
  for (const [i, value] of similar.entries()) {
    const other = among[i] ?? -1;
    if (value <= at(similarities, last) || other === row) continue;
    let spot = last;
    for (; spot > first && value > at(similarities, spot - 1); spot--) {
      similarities[spot] = at(similarities, spot - 1);
      rows[spot] = at(rows, spot - 1);
    }
    similarities[spot] = value;
    rows[spot] = other;
  }
}
