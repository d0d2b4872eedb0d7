import type { DatasetMap } from '../lib/contracts/find-images.ts';

/** Of the points of a map on its background; with a selection, of the points that are not selected. */
export const OPACITY = { all: 0.85, others: 0.35 };

/** A point on a map, in its pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Whether a spot is inside a polygon that ends where it begins, by the even-odd rule. */
export function isInside({ x, y }: Spot, polygon: readonly Spot[]): boolean {
  let inside = false;
  for (const [i, a] of polygon.entries()) {
    const b = polygon.at(i - 1) ?? a;
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** The number of the spot that is nearest to a point, within some pixels; undefined if none is. */
export function nearestSpot(spots: Iterable<Spot>, { x, y }: Spot, within: number): number | undefined {
  let best: number | undefined;
  let least = within * within;
  let number = 0;
  for (const spot of spots) {
    const distance = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (distance <= least) [best, least] = [number, distance];
    number++;
  }
  return best;
}

/** Whether two maps have the same spots, as maps of the same images do. */
export function hasSameSpots(a: Pick<DatasetMap, 'x' | 'y'>, b: Pick<DatasetMap, 'x' | 'y'>): boolean {
  return a.x.length === b.x.length && a.x.every((x, row) => x === b.x[row] && a.y[row] === b.y[row]);
}

/** A circle as a polygon. */
export function circle({ x, y }: Spot, radius: number): Spot[] {
  const corners = 32;
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) };
  });
}
