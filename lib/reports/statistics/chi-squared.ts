import { sum } from '../../arithmetic.ts';

/** With smaller expected counts, the distribution of the statistic is not that of chi-squared. */
const FEWEST_EXPECTED = 5;
/** Changes among pooled classes stay unseen, so that a test of classes most of which are pooled says nothing. */
const MOST_POOLED = 0.5;

/** A comparison of two samples of counts. */
export interface ComparedCounts {
  readonly statistic: number;
  readonly degrees: number;
  readonly pValue: number;
  /** Total variation distance of the two samples, 0 to 1. */
  readonly distance: number;
}

/**
 * Pearson's chi-squared test of homogeneity on two samples of counts by class. Classes with an expected count below 5
 * in either sample are pooled. With less than two cells there is nothing to compare: the p-value is 1.
 * @param first, second [classes]
 * @returns undefined if more than half of a sample is of classes with an expected count below 5
 */
export function compareCounts(first: readonly number[], second: readonly number[]): ComparedCounts | undefined {
  const totals = { first: sum(first), second: sum(second) };
  const all = totals.first + totals.second;
  const smaller = Math.min(totals.first, totals.second) / all;
  const least = FEWEST_EXPECTED / smaller;
  const classes = first.map((count, of) => [count, second[of] ?? 0] as const);
  const rare = classes.filter(([a, b]) => a + b < least);
  const rareShares = [sum(rare.map(([a]) => a)) / totals.first, sum(rare.map(([, b]) => b)) / totals.second];
  if (Math.max(...rareShares) > MOST_POOLED) return undefined;
  const cells = pool(classes, least);
  if (cells.length < 2) return { statistic: 0, degrees: 0, pValue: 1, distance: 0 };
  let [statistic, distance] = [0, 0];
  for (const [a, b] of cells) {
    const [expectedA, expectedB] = [((a + b) * totals.first) / all, ((a + b) * totals.second) / all];
    statistic += (a - expectedA) ** 2 / expectedA + (b - expectedB) ** 2 / expectedB;
    distance += Math.abs(a / totals.first - b / totals.second) / 2;
  }
  const degrees = cells.length - 1;
  return { statistic, degrees, pValue: chiSquaredTail(statistic, degrees), distance };
}

/** Joins the cells with fewer than `least` counts, and the smallest other one to these if they are still too few. */
function pool(cells: readonly (readonly [number, number])[], least: number): (readonly [number, number])[] {
  const ordered = cells.toSorted(([a, b], [c, d]) => a + b - (c + d));
  let rest: readonly [number, number] = [0, 0];
  while (ordered.length > 0) {
    const [smallest = [0, 0]] = ordered;
    const count = smallest[0] + smallest[1];
    const pooled = rest[0] + rest[1];
    if (count >= least && (pooled === 0 || pooled >= least)) break;
    rest = [rest[0] + smallest[0], rest[1] + smallest[1]];
    ordered.shift();
  }
  return rest[0] + rest[1] > 0 ? [rest, ...ordered] : ordered;
}

/** The probability that chi-squared with these degrees of freedom exceeds a value. */
export function chiSquaredTail(value: number, degrees: number): number {
  return value <= 0 ? 1 : upperGamma(degrees / 2, value / 2);
}

const MOST_STEPS = 10_000;
const PRECISION = 1e-15;

/** The regularized upper incomplete gamma function Q(a, x) (Press et al., Numerical Recipes, section 6.2). */
function upperGamma(a: number, x: number): number {
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, total] = [1 / a, 1 / a];
    for (let n = 1; n < MOST_STEPS && term > total * PRECISION; n++) {
      term *= x / (a + n);
      total += term;
    }
    return Math.max(0, 1 - scale * total);
  }
  // Lentz's method for the continued fraction.
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MOST_STEPS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return scale * fraction;
}

/** Lanczos's approximation with g = 7 and nine coefficients. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(value: number): number {
  if (value < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * value)) - logGamma(1 - value);
  const x = value - 1;
  const base = x + 7.5;
  const series = LANCZOS.reduce((total, coefficient, i) => total + (i === 0 ? coefficient : coefficient / (x + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(base) - base + Math.log(series);
}
