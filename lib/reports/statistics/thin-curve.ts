import type { CurvePoint } from './roc-curve.ts';

/**
 * Leaves out points of a curve without changing its shape: every omitted point is at most `tolerance` from the line
 * between its kept neighbours (Ramer, 1972; Douglas & Peucker, 1973).
 * @param points x and y in the same unit
 */
export function thinCurve(points: readonly CurvePoint[], tolerance = 0.002): CurvePoint[] {
  const last = points.length - 1;
  if (last < 2) return [...points];
  const kept = new Uint8Array(points.length);
  kept[0] = 1;
  kept[last] = 1;
  const ranges: (readonly [number, number])[] = [[0, last]];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const [from, to] = range;
    const { index, distance } = farthest(points, from, to);
    if (distance <= tolerance) continue;
    kept[index] = 1;
    ranges.push([from, index], [index, to]);
  }
  return points.filter((_, i) => kept[i] === 1);
}

/** The point between two others that is farthest from the line through these. */
function farthest(
  points: readonly CurvePoint[],
  from: number,
  to: number,
): { readonly index: number; readonly distance: number } {
  const [x0, y0] = points[from] ?? [0, 0];
  const [x1, y1] = points[to] ?? [0, 0];
  const length = Math.hypot(x1 - x0, y1 - y0);
  let best = { index: from, distance: 0 };
  for (let i = from + 1; i < to; i++) {
    const [x, y] = points[i] ?? [0, 0];
    const distance = length === 0 ? Math.hypot(x - x0, y - y0) : Math.abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length;
    if (distance > best.distance) best = { index: i, distance };
  }
  return best;
}
