import { at32 } from '../arithmetic.ts';

/** The nearest rows of each row, among those that were offered. */
export interface NearestList {
  /** int32 [rows, k]: the nearest first; -1 where there are fewer. */
  readonly others: Int32Array;
  /** float32 [rows, k] */
  readonly similarities: Float32Array;
  offer(row: number, other: number, similarity: number): void;
  /** The nearest first. */
  of(row: number): { readonly row: number; readonly similarity: number }[];
}

/** Keeps the `k` most similar other rows of each row; among equally similar rows, those that were offered first. */
export function nearestList(rows: number, k: number): NearestList {
  const others = new Int32Array(rows * k).fill(-1);
  const similarities = new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY);
  return {
    others,
    similarities,
    offer(row, other, similarity) {
      const start = row * k;
      let position = start + k - 1;
      if (k === 0 || similarity <= at32(similarities, position)) return;
      for (; position > start && similarity > at32(similarities, position - 1); position--) {
        similarities[position] = at32(similarities, position - 1);
        others[position] = others[position - 1] ?? 0;
      }
      similarities[position] = similarity;
      others[position] = other;
    },
    of: (row) =>
      [...others.subarray(row * k, (row + 1) * k)].flatMap((other, index) =>
        other < 0 ? [] : [{ row: other, similarity: at32(similarities, row * k + index) }],
      ),
  };
}
