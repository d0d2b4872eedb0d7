import { at, sum } from '../arithmetic.ts';
import type { Heat } from './explainer.ts';

type Grid = Heat['grid'];

/** A grid with a shorter side than this shows little. */
const LEAST_SIDE = 7;
/** Finer maps are noisy, and the grid travels as JSON. */
const MOST_SIDE = 16;

/** Chooses the grid: the size of the smallest map with at least 7 positions a side, else of the largest, at most 16. */
export function chooseGrid(maps: readonly { readonly height: number; readonly width: number }[]): Grid {
  const side = ({ height, width }: { readonly height: number; readonly width: number }): number => Math.min(height, width);
  const ordered = maps.toSorted((a, b) => side(a) - side(b));
  const { height, width } = ordered.find((map) => side(map) >= LEAST_SIDE) ?? ordered.at(-1) ?? { height: 1, width: 1 };
  return [Math.min(height, MOST_SIDE), Math.min(width, MOST_SIDE)];
}

/**
 * Adds a map to a grid. A value spreads over the cells that its position overlaps, in proportion to the areas, so that
 * the total stays the same.
 * @param values [height, width]
 * @param target [grid height, grid width]
 */
export function addToGrid(values: ArrayLike<number>, [height, width]: Grid, target: Float64Array, [rows, columns]: Grid): void {
  const down = overlaps(height, rows);
  const across = overlaps(width, columns);
  for (const { from: y, to: row, share: rowShare } of down) {
    for (const { from: x, to: column, share } of across) {
      const cell = row * columns + column;
      target[cell] = at(target, cell) + (values[y * width + x] ?? 0) * rowShare * share;
    }
  }
}

/** Which share of each of `from` equal parts of a line lies in each of `to` equal parts that it overlaps. */
function overlaps(from: number, to: number): { readonly from: number; readonly to: number; readonly share: number }[] {
  return Array.from({ length: from }, (_, i) => {
    const first = Math.floor((i * to) / from);
    const end = Math.ceil(((i + 1) * to) / from);
    return Array.from({ length: end - first }, (__, k) => {
      const j = first + k;
      // In units of 1 / (from * to), so that equal borders are equal numbers.
      const share = (Math.min((i + 1) * to, (j + 1) * from) - Math.max(i * to, j * from)) / to;
      return { from: i, to: j, share };
    });
  }).flat();
}

/** Returns the positive values as shares of their sum; zeros if there are none. */
export function positiveShares(values: Float64Array): Float64Array {
  const positive = values.map((value) => Math.max(0, value));
  const total = sum(positive);
  return total > 0 ? positive.map((value) => value / total) : positive.fill(0);
}
