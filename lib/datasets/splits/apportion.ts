import { sum } from '../../arithmetic.ts';

/**
 * Divides the images of each class among the sets: the class's share, rounded down or up. An image that is left after
 * rounding down goes to the training set if it has none of the class yet, else to a set that would stay empty, else to
 * the set that is furthest behind its share in the classes so far. So every count is within one image of its share,
 * small classes take turns, and no set stays empty if two classes have two images each.
 * @param sizes images of each class
 * @param shares of each set, adding up to 1
 * @param training index of the set that must have every class; undefined if all sets are alike, as folds are
 * @returns [class][set]
 */
export function apportion(sizes: readonly number[], shares: readonly number[], training?: number): number[][] {
  const exact = sizes.map((size) => shares.map((share) => size * share));
  const counts = exact.map((row) => row.map((wanted) => Math.floor(wanted + ROUNDING)));
  const totals = shares.map((_, part) => sum(counts.map((row) => row[part] ?? 0)));
  const behind = shares.map(() => 0);
  for (const [index, size] of sizes.entries()) {
    const count = counts[index] ?? [];
    const over = shares.map((_, part) => (exact[index]?.[part] ?? 0) - (count[part] ?? 0));
    over.forEach((rest, part) => {
      behind[part] = (behind[part] ?? 0) + rest;
    });
    for (let left = size - sum(count); left > 0; left--) {
      const part = mostLacking({ over, count, totals, behind, training });
      count[part] = (count[part] ?? 0) + 1;
      totals[part] = (totals[part] ?? 0) + 1;
      behind[part] = (behind[part] ?? 0) - 1;
      over[part] = 0;
    }
  }
  return counts;
}

/** Products such as 0.29 * 100 fall short of whole numbers by less than this. */
const ROUNDING = 1e-9;

interface Needs {
  readonly over: readonly number[];
  readonly count: readonly number[];
  readonly totals: readonly number[];
  readonly behind: readonly number[];
  readonly training: number | undefined;
}

/** The part that is given the next image, of those whose share was rounded down. */
function mostLacking({ over, count, totals, behind, training }: Needs): number {
  const parts = [...over.keys()].filter((part) => (over[part] ?? 0) > ROUNDING);
  if (training !== undefined && parts.includes(training) && count[training] === 0) return training;
  const empty = parts.find((part) => totals[part] === 0);
  return (
    empty ?? parts.reduce((best, part) => ((behind[part] ?? 0) > (behind[best] ?? 0) + ROUNDING ? part : best), parts[0] ?? 0)
  );
}
