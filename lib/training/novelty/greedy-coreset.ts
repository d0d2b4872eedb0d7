import type { RandomStream } from '../../random.ts';
import { multiply } from '../closed-form/matrix-products.ts';
import { gatherRows } from '../examples.ts';

/** Columns of the random projection, in which distances are nearly those of all columns (Johnson and Lindenstrauss). */
const PROJECTED = 32;

/**
 * Chooses rows that cover all: one after another, that which is farthest from those chosen before (greedy k-center;
 * PatchCore, arXiv:2106.08265).
 * @param rows float32 [count, width]
 * @param size number of rows to choose
 * @returns float32 [size, width]; fewer rows if there are fewer, or fewer that differ
 */
export async function greedyCoreset(
  rows: Float32Array,
  width: number,
  size: number,
  stream: RandomStream,
): Promise<Float32Array> {
  const count = rows.length / width;
  if (count <= size) return rows;
  const projected = await project(rows, width, stream);
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let next = stream.integer(count);
  while (chosen.length < size) {
    chosen.push(next);
    const { farthest, distance } = updateDistances(distances, projected, next);
    if (distance === 0) break;
    next = farthest;
  }
  return gatherRows(rows, width, chosen);
}

/**
 * Lowers each row's distance from the chosen rows, now that there is one more. This is nearly all of the work: elements
 * are read directly, since a shared function that reads arrays of several types is ten times as slow.
 * @returns the row with the largest distance
 */
function updateDistances(distances: Float64Array, projected: Float32Array, chosen: number) {
  const one = projected.slice(chosen * PROJECTED, (chosen + 1) * PROJECTED);
  let farthest = 0;
  let most = 0;
  for (let row = 0, start = 0; row < distances.length; row++, start += PROJECTED) {
    const least = distances[row] ?? 0;
    let distance = 0;
    for (let i = 0; i < PROJECTED && distance < least; i++) {
      const difference = (projected[start + i] ?? 0) - (one[i] ?? 0);
      distance += difference * difference;
    }
    if (distance < least) distances[row] = distance;
    const now = Math.min(distance, least);
    if (now > most) {
      most = now;
      farthest = row;
    }
  }
  return { farthest, distance: most };
}

/** @returns float32 [count, PROJECTED] */
function project(rows: Float32Array, width: number, stream: RandomStream): Promise<Float32Array> {
  const signs = Float32Array.from({ length: width * PROJECTED }, () => (stream.integer(2) === 0 ? -1 : 1));
  return multiply({ values: rows, rows: rows.length / width }, { values: signs, rows: width });
}
