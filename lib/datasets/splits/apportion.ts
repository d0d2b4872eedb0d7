/**
 * How many images of each class go to each part: the class's share, rounded down or up. An image that is over after rounding
 * down goes to the first part if the class has none there yet, else to a part that would stay empty, else to the part that is
 * furthest behind its share in the classes so far. So every count is within one image of its share, small classes take turns,
 * and no part stays empty where two classes have two images each.
 * @param sizes images of each class
 * @param shares of each part, adding up to 1; the first is the training's
 * @returns [class][part]
 */
export function apportion(sizes: readonly number[], shares: readonly number[]): number[][] {
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
      const part = neediest(over, count, totals, behind);
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

/** The part that is given the next image, of those whose share was rounded down. */
function neediest(
  over: readonly number[],
  count: readonly number[],
  totals: readonly number[],
  behind: readonly number[],
): number {
  const parts = [...over.keys()].filter((part) => (over[part] ?? 0) > ROUNDING);
  if (parts.includes(0) && count[0] === 0) return 0;
  const empty = parts.find((part) => totals[part] === 0);
  return (
    empty ?? parts.reduce((best, part) => ((behind[part] ?? 0) > (behind[best] ?? 0) + ROUNDING ? part : best), parts[0] ?? 0)
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
