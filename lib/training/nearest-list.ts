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
      let place = start + k - 1;
      if (k === 0 || similarity <= at32(similarities, place)) return;
      for (; place > start && similarity > at32(similarities, place - 1); place--) {
        similarities[place] = at32(similarities, place - 1);
        others[place] = others[place - 1] ?? 0;
      }
      similarities[place] = similarity;
      others[place] = other;
    },
    of: (row) =>
      [...others.subarray(row * k, (row + 1) * k)].flatMap((other, index) =>
        other < 0 ? [] : [{ row: other, similarity: at32(similarities, row * k + index) }],
      ),
  };
}
